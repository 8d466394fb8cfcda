"""Sources: synthetic stand-ins for raw files that are not configured.

Reads:   workflow/schemas/sources/{source}.yaml, the area register
Writes:  <results>/secure/sources/{source}.synthetic.csv
"""


rule synthesise:
    """Make the stand-in of one source: same columns, real codes, made values."""
    input:
        contract=contract_file,
        register=REGISTER,
        periods="workflow/resources/policy_periods.csv",
        code=parts("core", "geography", "sources", "synthetic"),
        script="scripts/synthesise.py",
    output:
        raw="<results>/secure/sources/{source}.synthetic.csv",
    log:
        "<logs>/synthesise/{source}.log",
    conda:
        "../envs/lds.yaml"
    params:
        seed=CONFIG.seed,
    message:
        "Making a synthetic stand-in of {wildcards.source}"
    shell:
        "python {input.script:q} --contract {input.contract:q} --periods {input.periods:q}"
        " --seed {params.seed} --raw {output.raw:q} > {log:q} 2>&1"

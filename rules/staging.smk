"""Staging: raw files become typed tables under their contract.

Reads:   the raw file of a source, workflow/schemas/sources/{source}.yaml, workflow/sql/staging/
Writes:  <results>/secure/staging/{source}.parquet        rows kept
         <results>/secure/staging/{source}.rejected.csv   rows rejected: line, column, value, reason
         <results>/secure/staging/{source}.report.json    the counts, which add up
"""


rule stage_source:
    """Read one raw file; keep what meets the contract and reject the rest with a reason."""
    input:
        raw=raw_file,
        contract=contract_file,
        contract_schema="workflow/schemas/source.schema.yaml",
        sql="workflow/sql/staging/{source}.sql",
        code=parts("core", "sources"),
        script="scripts/stage_source.py",
    output:
        table="<results>/secure/staging/{source}.parquet",
        rejected="<results>/secure/staging/{source}.rejected.csv",
        report="<results>/secure/staging/{source}.report.json",
    log:
        "<logs>/stage_source/{source}.log",
    conda:
        "../envs/lds.yaml"
    params:
        encoding=lambda wildcards: CONFIG.sources[wildcards.source].encoding,
        sha256=lambda wildcards: option(
            "--sha256", CONFIG.sources[wildcards.source].sha256
        ),
        synthetic=lambda wildcards: (
            "" if CONFIG.sources[wildcards.source].path else "--synthetic"
        ),
    message:
        "Staging {wildcards.source}"
    shell:
        "python {input.script:q} --raw {input.raw:q} --contract {input.contract:q}"
        " --sql {input.sql:q} --encoding {params.encoding:q} {params.sha256}"
        " {params.synthetic} --table {output.table:q} --rejected {output.rejected:q}"
        " --report {output.report:q} > {log:q} 2>&1"

"""Harmonisation: staged sources on the target LAD vintage.

Reads:   <results>/secure/staging/{source}.parquet and its look-ups, the area register,
         workflow/sql/harmonised/
Writes:  <results>/secure/harmonised/{source}.parquet
         <results>/secure/harmonised/{source}.summary.json   what became of every value
"""


rule harmonise_source:
    """Carry one source to the LADs of the vintage, and account for every value."""
    input:
        staged=staged_tables,
        resources=source_resources,
        register=REGISTER,
        contract=contract_file,
        sql="workflow/sql/harmonised/{source}.sql",
        convert=lambda wildcards: (
            f"workflow/sql/harmonised/convert_{CONTRACTS[wildcards.source].conversion['kind']}.sql"
        ),
        table_contract="workflow/schemas/tables/harmonised_change.yaml",
        code=parts("core", "geography", "sources"),
        script="scripts/harmonise_source.py",
    output:
        table="<results>/secure/harmonised/{source}.parquet",
        summary="<results>/secure/harmonised/{source}.summary.json",
    log:
        "<logs>/harmonise_source/{source}.log",
    conda:
        "../envs/lds.yaml"
    params:
        vintage=CONFIG.vintage.isoformat(),
        sql=subpath(input.sql, parent=True),
    message:
        "Carrying {wildcards.source} to the districts of {params.vintage}"
    shell:
        "python {input.script:q} --contract {input.contract:q} --staged {input.staged:q}"
        " --resources {input.resources:q} --sql {params.sql:q} --vintage {params.vintage:q}"
        " --table {output.table:q} --summary {output.summary:q} > {log:q} 2>&1"

"""Harmonisation: staged sources on the target LAD vintage and on custom areas.

Reads:   <results>/secure/staging/{source}.parquet and its look-ups, the area register,
         <results>/public/reference/custom_areas.parquet, workflow/sql/harmonised/,
         workflow/resources/conversion_kinds.yaml
Writes:  <results>/secure/harmonised/{source}.parquet
         <results>/secure/harmonised/{source}.summary.json   what became of every value
"""

from lds.geography.conversion.kinds import find_kind


rule harmonise_source:
    """Carry one source to the LADs of the vintage and to custom areas, and account for every value."""
    input:
        staged=staged_tables,
        resources=source_resources,
        register=REGISTER,
        members="<results>/public/reference/custom_areas.parquet",
        contract=contract_file,
        sql="workflow/sql/harmonised/{source}.sql",
        convert=lambda wildcards: (
            "workflow/sql/harmonised/"
            f"{find_kind(CONTRACTS[wildcards.source].conversion['kind']).sql}.sql"
        ),
        engine=[
            "workflow/sql/harmonised/share_of.sql",
            "workflow/sql/harmonised/add_records.sql",
            "workflow/sql/harmonised/combinations.sql",
            "workflow/sql/harmonised/overlaps.sql",
            "workflow/sql/harmonised/not_convertible.sql",
            "workflow/resources/conversion_kinds.yaml",
        ],
        table_contract=lambda wildcards: (
            "workflow/schemas/tables/"
            f"harmonised_{CONTRACTS[wildcards.source].conversion['kind']}.yaml"
        ),
        code=parts("core", "geography", "conversion", "sources"),
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
        max_unmatched_share=CONFIG.max_unmatched_share,
        sql=subpath(input.sql, parent=True),
    message:
        "Carrying {wildcards.source} to the districts of {params.vintage}"
    shell:
        "python {input.script:q} --contract {input.contract:q} --staged {input.staged:q}"
        " --resources {input.resources:q} --sql {params.sql:q} --vintage {params.vintage:q}"
        " --members {input.members:q}"
        " --max-unmatched-share {params.max_unmatched_share:q}"
        " --table {output.table:q} --summary {output.summary:q} > {log:q} 2>&1"

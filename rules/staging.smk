"""Staging: raw files become typed tables under their contract.

Reads:   the raw files of a source, workflow/schemas/sources/{source}.yaml, workflow/sql/staging/
Writes:  <results>/secure/staging/{source}.parquet        rows kept
         <results>/secure/staging/{source}.rejected.csv   rows rejected: file, line, column, value, reason
         <results>/secure/staging/{source}.report.json    the counts, which add up
"""


rule staged:
    """Every source that is configured, and those of the topics, as typed tables."""
    input:
        collect("<results>/secure/staging/{source}.parquet", source=CONFIG.sources),


rule stage_source:
    """Read the raw files of a source; keep what meets the contract, reject the rest with a reason."""
    input:
        raw=raw_inputs,
        folder=stand_in_folder,
        contract=contract_file,
        contract_schema="workflow/schemas/source.schema.yaml",
        codings="workflow/resources/codings.yaml",
        personal_data="workflow/resources/personal_data.yaml",
        sql=staging_query,
        code=parts("core", "files", "sources"),
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
        sql=lambda wildcards, input: option("--sql", input.get("sql") or None),
        encoding=lambda wildcards: option(
            "--encoding", CONFIG.file_of(wildcards.source).encoding
        ),
        sha256=lambda wildcards: option(
            "--sha256", CONFIG.file_of(wildcards.source).sha256
        ),
        raw=lambda wildcards, input: (
            f"--stand-in {shlex.quote(input.raw[0])}"
            if CONFIG.raw_of(wildcards.source) is None
            else f"--raw {' '.join(map(shlex.quote, input.raw))}"
        ),
    message:
        "Staging {wildcards.source}"
    shell:
        "python {input.script:q} {params.raw} --contract {input.contract:q}"
        " {params.sql} {params.encoding} {params.sha256}"
        " --table {output.table:q} --rejected {output.rejected:q}"
        " --report {output.report:q} > {log:q} 2>&1"

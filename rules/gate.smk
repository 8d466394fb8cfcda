"""The gate: the one way out of the secure zone, for all topics at once.

Reads:   <results>/secure/indicators/*.parquet, the accounts of staging and harmonisation,
         workflow/resources/disclosure/ or the configured disclosure profiles
Writes:  <results>/export/released/    the release: tables, release.json, evidence-public/, checksums
         <results>/export/evidence/    for the output checker; stays inside
"""


rule release_tables:
    """Apply the disclosure profiles to all topics together and write the release."""
    input:
        indicators=collect("<results>/secure/indicators/{topic}.parquet", topic=TOPICS),
        staging=collect(
            "<results>/secure/staging/{source}.report.json", source=staged_sources()
        ),
        summaries=collect(
            "<results>/secure/harmonised/{source}.summary.json",
            source=converted_sources(),
        ),
        contracts=collect(
            "workflow/schemas/sources/{source}.yaml", source=staged_sources()
        ),
        profiles=[profile_of(source) for source in staged_sources()],
        profile_schema="workflow/schemas/profile.schema.yaml",
        registers=[
            f"workflow/resources/{name}"
            for name in (
                "disclosure_statistics.yaml",
                "disclosure_rules.yaml",
                "quantities.yaml",
                "classifications.yaml",
                "sic2007_divisions.csv",
            )
        ],
        areas="<results>/public/reference/areas.parquet",
        members="<results>/public/reference/custom_areas.parquet",
        area_codes="<results>/public/reference/area_codes.parquet",
        earlier=[f"{folder}/SHA256SUMS" for folder in CONFIG.earlier],
        topics="workflow/resources/topics.yaml",
        table_contract="workflow/schemas/tables/indicators.yaml",
        template="reports/review.html",
        style="reports/report.css",
        request_schema="workflow/schemas/request.schema.yaml",
        code=parts("core", "sources", "disclosure", "statistics", "topics"),
        script="scripts/release_tables.py",
    output:
        release=RELEASE_FILES,
        evidence=EVIDENCE_FILES,
    log:
        "<logs>/release_tables.log",
    conda:
        "../envs/lds.yaml"
    params:
        release_id=CONFIG.release_id,
        vintage=CONFIG.vintage.isoformat(),
        folder=output_folder,
        evidence=lambda wildcards, output: str(Path(output.evidence[0]).parent),
        earlier=[str(folder) for folder in CONFIG.earlier],
    message:
        "Deciding what may be released"
    shell:
        "python {input.script:q} --indicators {input.indicators:q} --staging {input.staging:q}"
        " --summaries {input.summaries:q} --contracts {input.contracts:q} --areas {input.areas:q}"
        " --members {input.members:q} --area-codes {input.area_codes:q}"
        " --profiles {input.profiles:q} --earlier {params.earlier:q}"
        " --release-id {params.release_id:q} --vintage {params.vintage:q}"
        " --release {params.folder:q} --evidence {params.evidence:q}"
        " --template {input.template:q} --style {input.style:q} > {log:q} 2>&1"

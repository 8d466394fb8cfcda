"""Slices: everything that one page shows, and nothing else.

Reads:   the release, <results>/public/reference/
Writes:  <results>/public/slices/{topic}/{lad}.json
"""


rule slices:
    """Everything that pages show, one small file per district and topic."""
    input:
        collect("<results>/public/slices/{topic}/{lad}.json", topic=TOPICS, lad=LADS),


rule slice_topic:
    """Cut a topic's release into one slice per district: figures, sentences, tables, data."""
    input:
        table=f"{RELEASE}/{{topic}}.parquet",
        release=f"{RELEASE}/release.json",
        areas="<results>/public/reference/areas.parquet",
        area_codes="<results>/public/reference/area_codes.parquet",
        topics="workflow/resources/topics.yaml",
        labels="workflow/resources/{topic}.yaml",
        resources=topic_resources,
        reference=topic_reference,
        palette="workflow/resources/palette.yaml",
        table_contract="workflow/schemas/tables/indicators.yaml",
        slice_schema="workflow/schemas/slice.schema.yaml",
        code=lambda wildcards: parts(
            "core",
            "statistics",
            "charts",
            "drawing",
            "topics",
            wildcards.topic,
            f"{wildcards.topic}_page",
            "slices",
        ),
        script="scripts/slice_topic.py",
    output:
        slices=collect("<results>/public/slices/{{topic}}/{lad}.json", lad=LADS),
    log:
        "<logs>/slice_topic/{topic}.log",
    conda:
        "../envs/lds.yaml"
    threads: 8
    params:
        folder=output_folder,
        contact=option("--contact", CONFIG.contact),
        lads=LADS,
    message:
        "Cutting the slices of {wildcards.topic}"
    shell:
        "python {input.script:q} --topic {wildcards.topic:q} --table {input.table:q}"
        " --release {input.release:q} --areas {input.areas:q} --area-codes {input.area_codes:q}"
        " --resources {input.resources:q} --reference {input.reference:q}"
        " {params.contact} --processes {threads} --slices {params.folder:q}"
        " --lads {params.lads}"
        " > {log:q} 2>&1"

"""Indicators: one tidy table per topic, before the gate.

Reads:   <results>/secure/harmonised/{source}.parquet of the topic's sources,
         <results>/public/reference/areas.parquet
Writes:  <results>/secure/indicators/{topic}.parquet
"""


rule compute_indicators:
    """Compute every indicator of one topic, for all LADs, regions and England."""
    input:
        harmonised=topic_sources("<results>/secure/harmonised/{source}.parquet"),
        areas="<results>/public/reference/areas.parquet",
        resources=topic_resources,
        table_contract="workflow/schemas/tables/indicators.yaml",
        code=lambda wildcards: parts(
            "core",
            "statistics",
            "topics",
            "rows",
            wildcards.topic,
            f"{wildcards.topic}_indicators",
        ),
        script="scripts/compute_indicators.py",
    output:
        indicators="<results>/secure/indicators/{topic}.parquet",
    log:
        "<logs>/compute_indicators/{topic}.log",
    conda:
        "../envs/lds.yaml"
    params:
        secure=topic_secure,
    message:
        "Computing the indicators of {wildcards.topic}"
    shell:
        "python {input.script:q} --topic {wildcards.topic:q} --harmonised {input.harmonised:q}"
        " --areas {input.areas:q} --resources {input.resources:q} --indicators {output.indicators:q}"
        " {params.secure} > {log:q} 2>&1"

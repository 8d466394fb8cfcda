"""Packs: what a district gets, in one archive.

Reads:   <results>/public/site/{lad}/*.html, <results>/public/slices/*/{lad}.json
Writes:  <results>/public/packs/{lad}.zip
"""


rule build_pack:
    """Put a district's pages, their data and a manifest into one archive."""
    input:
        pages=collect("<results>/public/site/{{lad}}/{topic}.html", topic=TOPICS),
        slices=collect("<results>/public/slices/{topic}/{{lad}}.json", topic=TOPICS),
        code=parts("core", "packs"),
        script="scripts/build_pack.py",
    output:
        pack="<results>/public/packs/{lad}.zip",
    log:
        "<logs>/build_pack/{lad}.log",
    conda:
        "../envs/lds.yaml"
    message:
        "Packing {wildcards.lad}"
    shell:
        "python {input.script:q} --pages {input.pages:q} --slices {input.slices:q}"
        " --pack {output.pack:q} > {log:q} 2>&1"

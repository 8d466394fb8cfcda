"""Catalogue: the index to start from, what is missing, and metadata for machines.

Reads:   <results>/public/packs/, the release, <results>/public/reference/
Writes:  <results>/public/index.html   gaps.csv   datapackage.json   provenance.json
"""


rule build_catalogue:
    """Write the index page, the list of gaps and the data package."""
    input:
        packs=PACKS,
        release=f"{RELEASE}/release.json",
        areas="<results>/public/reference/areas.parquet",
        area_codes="<results>/public/reference/area_codes.parquet",
        topics="workflow/resources/topics.yaml",
        template="reports/index.html",
        style="reports/report.css",
        code=parts("core", "topics", "catalogue"),
        script="scripts/build_catalogue.py",
    output:
        index=report(
            "<results>/public/index.html", caption="../workflow/report/index.rst"
        ),
        gaps=report("<results>/public/gaps.csv", caption="../workflow/report/gaps.rst"),
        datapackage="<results>/public/datapackage.json",
    log:
        "<logs>/build_catalogue.log",
    conda:
        "../envs/lds.yaml"
    params:
        packs=packs_folder,
        folder=output_folder,
        lads=LADS,
    message:
        "Writing the index"
    shell:
        "python {input.script:q} --packs {params.packs:q} --release {input.release:q}"
        " --areas {input.areas:q} --area-codes {input.area_codes:q}"
        " --template {input.template:q} --style {input.style:q} --folder {params.folder:q}"
        " --lads {params.lads}"
        " > {log:q} 2>&1"


rule record_provenance:
    """Write what the release and its pages were made with."""
    input:
        release=f"{RELEASE}/release.json",
        checksums=f"{RELEASE}/SHA256SUMS",
        lock="requirements.lock",
        code=parts("core", "provenance"),
        script="scripts/record_provenance.py",
    output:
        provenance="<results>/public/provenance.json",
    log:
        "<logs>/record_provenance.log",
    conda:
        "../envs/lds.yaml"
    params:
        commit=COMMIT,
        engine=f"{ENGINE.name} {ENGINE.version}",
        render=CONFIG.render,
    message:
        "Recording the provenance"
    shell:
        "python {input.script:q} --release {input.release:q} --checksums {input.checksums:q}"
        " --lock {input.lock:q} --commit {params.commit:q} --engine {params.engine:q}"
        " --render {params.render:q} --provenance {output.provenance:q} > {log:q} 2>&1"

"""Proof: what is published is made again from the release alone, and every number is looked up.

Reads:   the release, <results>/public/, reports/, workflow/resources/proof/; nothing secure
Writes:  <results>/public/proof/{topic}.json   what was proved of a topic's shell, slices and pages
         <results>/public/proof.json           all of it, with packs and catalogue
"""


rule proof:
    """Proof that everything published comes from the release; stops at anything else."""
    input:
        "<results>/public/proof.json",


rule prove_topic:
    """Make a topic's shell, slices and pages again from its release; scan those published."""
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
        declared="workflow/resources/proof/{topic}.yaml",
        declared_schema="workflow/schemas/proof.schema.yaml",
        source="reports/{topic}.qmd",
        documents=DOCUMENT_SOURCES,
        shell="<results>/public/shells/{topic}.html",
        slices=collect("<results>/public/slices/{{topic}}/{lad}.json", lad=LADS),
        pages=collect("<results>/public/site/{lad}/{{topic}}.html", lad=LADS),
        code=lambda wildcards: parts(
            "core",
            "statistics",
            "charts",
            "drawing",
            "topics",
            wildcards.topic,
            f"{wildcards.topic}_page",
            "slices",
            "shells",
            "pages",
            "packs",
            "proof",
        ),
        script="scripts/prove_topic.py",
    output:
        account="<results>/public/proof/{topic}.json",
    log:
        "<logs>/prove_topic/{topic}.log",
    conda:
        "../envs/lds.yaml"
    threads: 8
    params:
        contact=option("--contact", CONFIG.contact),
        document="--document" if CONFIG.render == "document" else "",
        engine=ENGINE.name,
        reports=subpath(input.source, parent=True),
        public=subpath(input.shell, ancestor=2),
        lads=LADS,
    message:
        "Proving {wildcards.topic}"
    shell:
        "python {input.script:q} --topic {wildcards.topic:q} --table {input.table:q}"
        " --release {input.release:q} --areas {input.areas:q} --area-codes {input.area_codes:q}"
        " --resources {input.resources:q} --reference {input.reference:q}"
        " --declared {input.declared:q} --source {input.source:q} --reports {params.reports:q}"
        " --engine {params.engine:q} {params.document} {params.contact} --processes {threads}"
        " --public {params.public:q} --account {output.account:q} --lads {params.lads}"
        " > {log:q} 2>&1"


rule prove_release:
    """Make packs and catalogue again, look for other files, and put all proofs together."""
    input:
        accounts=collect("<results>/public/proof/{topic}.json", topic=TOPICS),
        files=PUBLIC_FILES,
        release=f"{RELEASE}/release.json",
        checksums=f"{RELEASE}/SHA256SUMS",
        areas="<results>/public/reference/areas.parquet",
        area_codes="<results>/public/reference/area_codes.parquet",
        topics="workflow/resources/topics.yaml",
        template="reports/index.html",
        style="reports/report.css",
        lock="requirements.lock",
        code=parts("core", "topics", "packs", "catalogue", "provenance", "proof"),
        script="scripts/prove_release.py",
    output:
        proof=report(
            "<results>/public/proof.json", caption="../workflow/report/proof.rst"
        ),
    log:
        "<logs>/prove_release.log",
    conda:
        "../envs/lds.yaml"
    threads: 8
    params:
        commit=COMMIT,
        engine=f"{ENGINE.name} {ENGINE.version}",
        render=CONFIG.render,
        public=output_folder,
        lads=LADS,
    message:
        "Putting the proofs together"
    shell:
        "python {input.script:q} --accounts {input.accounts:q} --release {input.release:q}"
        " --areas {input.areas:q} --area-codes {input.area_codes:q}"
        " --template {input.template:q} --style {input.style:q} --lock {input.lock:q}"
        " --commit {params.commit:q} --engine {params.engine:q} --render {params.render:q}"
        " --threads {threads} --public {params.public:q} --proof {output.proof:q}"
        " --lads {params.lads}"
        " > {log:q} 2>&1"

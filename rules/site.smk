"""Site: a shell per topic, a page per district and topic.

Reads:   reports/, <results>/public/slices/{topic}/{lad}.json
Writes:  <results>/public/shells/{topic}.html
         <results>/public/site/{lad}/{topic}.html
"""


rule compile_shell:
    """Turn a topic's document into the shell that its pages are filled into."""
    input:
        source="reports/{topic}.qmd",
        documents=DOCUMENT_SOURCES,
        code=parts("core", "shells", "pages"),
        script="scripts/compile_shell.py",
    output:
        shell="<results>/public/shells/{topic}.html",
    log:
        "<logs>/compile_shell/{topic}.log",
    conda:
        "../envs/lds.yaml"
    params:
        engine=ENGINE.name,
        reports=subpath(input.source, parent=True),
    message:
        "Compiling the document of {wildcards.topic} with {params.engine}"
    shell:
        "python {input.script:q} --source {input.source:q} --reports {params.reports:q}"
        " --engine {params.engine:q} --shell {output.shell:q} > {log:q} 2>&1"


rule render_report:
    """Write the page of one district and topic."""
    input:
        slice="<results>/public/slices/{topic}/{lad}.json",
        shell="<results>/public/shells/{topic}.html",
        source="reports/{topic}.qmd",
        code=parts("core", "shells", "pages"),
        script="scripts/render_report.py",
    output:
        page="<results>/public/site/{lad}/{topic}.html",
    log:
        "<logs>/render_report/{lad}/{topic}.log",
    conda:
        "../envs/lds.yaml"
    params:
        document="--document" if CONFIG.render == "document" else "",
        engine=ENGINE.name,
        reports=subpath(input.source, parent=True),
    message:
        "Rendering {wildcards.topic} for {wildcards.lad}"
    shell:
        "python {input.script:q} --slice {input.slice:q} --shell {input.shell:q}"
        " {params.document} --source {input.source:q} --reports {params.reports:q}"
        " --engine {params.engine:q} --page {output.page:q} > {log:q} 2>&1"

"""Source profiles: what each source holds and what changed, read before a release.

Also of sources that are configured and that no topic uses yet.

Reads:   <results>/secure/staging/{source}.parquet and its report, the contract, the area register,
         workflow/resources/profile_thresholds.yaml
Writes:  <results>/secure/profiles/{source}.profile.json      rows, dates, codes, values, rejected
         <results>/secure/profiles/{source}.difference.json   against the profile before
         <results>/secure/profiles/{source}.html   index.html
         <results>/secure/profiles/kept/{source}.json         the two last profiles

The kept file is no declared output: Snakemake would remove it before the job that compares with it.
"""


# Not among the local rules of common.smk: with an approved release there is no such rule.
localrules:
    list_profiles,


rule profile_source:
    """Count what one staged source holds, and compare it with the profile before."""
    input:
        table="<results>/secure/staging/{source}.parquet",
        report="<results>/secure/staging/{source}.report.json",
        contract=contract_file,
        contract_schema="workflow/schemas/source.schema.yaml",
        register=REGISTER,
        names=[
            "workflow/resources/code_kinds.csv",
            "workflow/resources/combined_areas.csv",
            "workflow/resources/name_forms.yaml",
            "workflow/resources/small_area_editions.csv",
        ],
        codings="workflow/resources/codings.yaml",
        thresholds="workflow/resources/profile_thresholds.yaml",
        code=parts("core", "geography", "classification", "sources", "source_profiles"),
        script="scripts/profile_source.py",
    output:
        profile="<results>/secure/profiles/{source}.profile.json",
        difference="<results>/secure/profiles/{source}.difference.json",
    log:
        "<logs>/profile_source/{source}.log",
    conda:
        "../envs/lds.yaml"
    params:
        kept=lambda wildcards, output: os.path.join(
            os.path.dirname(output[0]), "kept", f"{wildcards.source}.json"
        ),
    message:
        "Profiling {wildcards.source}"
    shell:
        "python {input.script:q} --table {input.table:q} --report {input.report:q}"
        " --contract {input.contract:q} --kept {params.kept:q}"
        " --profile {output.profile:q} --difference {output.difference:q} > {log:q} 2>&1"


rule list_profiles:
    """Write a page for each source profile, the differences first, and the list of all."""
    input:
        profiles=collect(
            "<results>/secure/profiles/{source}.profile.json",
            source=sorted(CONFIG.sources),
        ),
        differences=collect(
            "<results>/secure/profiles/{source}.difference.json",
            source=sorted(CONFIG.sources),
        ),
        template="reports/source_profile.html",
        list_template="reports/source_profiles.html",
        style="reports/report.css",
        code=parts("core", "sources", "source_profiles"),
        script="scripts/list_profiles.py",
    output:
        index="<results>/secure/profiles/index.html",
        pages=collect(
            "<results>/secure/profiles/{source}.html", source=sorted(CONFIG.sources)
        ),
    log:
        "<logs>/list_profiles.log",
    conda:
        "../envs/lds.yaml"
    params:
        folder=output_folder,
    message:
        "Listing the source profiles"
    shell:
        "python {input.script:q} --profiles {input.profiles:q}"
        " --differences {input.differences:q} --template {input.template:q}"
        " --list-template {input.list_template:q} --style {input.style:q}"
        " --folder {params.folder:q} > {log:q} 2>&1"

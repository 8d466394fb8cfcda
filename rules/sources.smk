"""Sources: synthetic stand-ins for raw files that are not configured, all of one made-up England.

Reads:   workflow/resources/synthetic/ (the recipe of the country), the area register,
         workflow/schemas/sources/{source}.yaml (the recipe of a source),
         <results>/public/reference/postcodes.parquet
Writes:  <results>/secure/synthetic/places.parquet             LSOAs with their traits
         <results>/secure/synthetic/people.npy                 how many live there, by age, sex and group
         <results>/secure/synthetic/addresses.parquet          a few postcodes of each
         <results>/secure/synthetic/lookups/                   look-ups that no package carries
         <results>/secure/sources/{source}.synthetic/          raw files as the publisher's
         <results>/secure/sources/{source}.synthetic.json      what they are, with checksums
         <results>/secure/synthetic/truth/{source}.json        what was planted; nothing reads it
"""


rule stand_ins:
    """The stand-in of every source that has one and no raw file, and of every look-up."""
    input:
        collect("<results>/secure/sources/{source}.synthetic.json", source=STAND_INS),
        collect(
            "<results>/secure/synthetic/lookups/{lookup}.synthetic.csv",
            lookup=[key for key, path in CONFIG.lookups.items() if path is None],
        ),


rule staged_stand_ins:
    """Every stand-in as a typed table."""
    input:
        collect("<results>/secure/staging/{source}.parquet", source=STAND_INS),


rule build_places:
    """Give every LSOA of England the traits that the synthetic people live with."""
    input:
        register=REGISTER,
        recipe=RECIPE,
        requirements="requirements.lock",
        code=parts("core", "geography", "levels", "england"),
        script="scripts/build_places.py",
    output:
        places="<results>/secure/synthetic/places.parquet",
        counts="<results>/secure/synthetic/people.npy",
    log:
        "<logs>/build_places.log",
    conda:
        "../envs/lds.yaml"
    params:
        recipe=CONFIG.recipe,
        seed=CONFIG.seed,
    message:
        "Laying out the synthetic England"
    shell:
        "python {input.script:q} --recipe {params.recipe:q} --seed {params.seed}"
        " --places {output.places:q} --counts {output.counts:q} > {log:q} 2>&1"


rule build_addresses:
    """Choose a few postcodes of every LSOA."""
    input:
        postcodes="<results>/public/reference/postcodes.parquet",
        recipe=RECIPE,
        code=parts("core", "geography", "levels", "england"),
        script="scripts/build_addresses.py",
    output:
        addresses="<results>/secure/synthetic/addresses.parquet",
    log:
        "<logs>/build_addresses.log",
    conda:
        "../envs/lds.yaml"
    params:
        recipe=CONFIG.recipe,
        seed=CONFIG.seed,
    message:
        "Choosing postcodes for the synthetic England"
    shell:
        "python {input.script:q} --postcodes {input.postcodes:q} --recipe {params.recipe:q}"
        " --seed {params.seed} --addresses {output.addresses:q} > {log:q} 2>&1"


rule build_lookup:
    """Make up a look-up that no package carries, in the shape of the published one."""
    input:
        places="<results>/secure/synthetic/places.parquet",
        recipe=RECIPE,
        register=REGISTER,
        code=parts("core", "geography", "levels", "sources", "england", "synthetic"),
        script="scripts/build_lookup.py",
    output:
        table="<results>/secure/synthetic/lookups/{lookup}.synthetic.csv",
    log:
        "<logs>/build_lookup/{lookup}.log",
    conda:
        "../envs/lds.yaml"
    params:
        recipe=CONFIG.recipe,
        seed=CONFIG.seed,
    message:
        "Making up the look-up {wildcards.lookup}"
    shell:
        "python {input.script:q} --lookup {wildcards.lookup} --places {input.places:q}"
        " --recipe {params.recipe:q} --seed {params.seed} --table {output.table:q}"
        " > {log:q} 2>&1"


rule synthesise:
    """Make the stand-in of one source: the publisher's shape, real codes, made-up values."""
    input:
        contract=contract_file,
        contract_schema="workflow/schemas/source.schema.yaml",
        codings="workflow/resources/codings.yaml",
        places="<results>/secure/synthetic/places.parquet",
        counts="<results>/secure/synthetic/people.npy",
        addresses=addresses_of,
        recipe=RECIPE,
        register=REGISTER,
        periods="workflow/resources/policy_periods.csv",
        code=parts("core", "geography", "levels", "sources", "england", "synthetic"),
        script="scripts/synthesise.py",
    output:
        folder=directory("<results>/secure/sources/{source}.synthetic"),
        listed="<results>/secure/sources/{source}.synthetic.json",
        truth="<results>/secure/synthetic/truth/{source}.json",
    log:
        "<logs>/synthesise/{source}.log",
    conda:
        "../envs/lds.yaml"
    params:
        recipe=CONFIG.recipe,
        seed=CONFIG.seed,
        scale=lambda wildcards: option("--scale", CONFIG.scale_of(wildcards.source)),
        addresses=lambda wildcards, input: option(
            "--postcodes", input.get("addresses") or None
        ),
    message:
        "Making a synthetic stand-in of {wildcards.source}"
    shell:
        "python {input.script:q} --contract {input.contract:q} --places {input.places:q}"
        " --counts {input.counts:q} {params.addresses} --recipe {params.recipe:q}"
        " --seed {params.seed} {params.scale}"
        " --folder {output.folder:q} --list {output.listed:q} --truth {output.truth:q}"
        " > {log:q} 2>&1"

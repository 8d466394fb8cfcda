"""Reference tables of the public side, from the area register alone.

Reads:   workflow/resources/areas.csv and the other files of the register
Writes:  <results>/public/reference/areas.parquet        the LADs of the vintage
         <results>/public/reference/area_codes.parquet   every code that leads to them
"""


rule build_areas:
    """Write the LADs of the vintage: names, region, county, population, what changed."""
    input:
        register=REGISTER,
        code=parts("core", "geography"),
        script="scripts/build_areas.py",
    output:
        areas="<results>/public/reference/areas.parquet",
    log:
        "<logs>/build_areas.log",
    conda:
        "../envs/lds.yaml"
    params:
        vintage=CONFIG.vintage.isoformat(),
    message:
        "Listing the districts of {params.vintage}"
    shell:
        "python {input.script:q} --vintage {params.vintage:q} --areas {output.areas:q} > {log:q} 2>&1"


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

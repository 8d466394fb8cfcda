"""Fingerprints of the code, one small file per part of the package.

Reads:   workflow/lds/**/*.py   workflow/resources/parts.yaml
Writes:  <results>/fingerprints/{part}.txt

Snakemake does not see the modules that a script imports. Every rule therefore names the parts
that its script uses; a part's file changes only when the bytes of a module do.
"""


rule fingerprint_code:
    """Write the checksums of one part's modules."""
    input:
        modules=module_files,
        parts="workflow/resources/parts.yaml",
        script="scripts/fingerprint_code.py",
    output:
        fingerprint="<results>/fingerprints/{part}.txt",
    log:
        "<logs>/fingerprint_code/{part}.log",
    conda:
        "../envs/lds.yaml"
    message:
        "Fingerprinting the code of {wildcards.part}"
    shell:
        "python {input.script:q} --part {wildcards.part:q} --fingerprint {output.fingerprint:q}"
        " > {log:q} 2>&1"

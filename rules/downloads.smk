"""Downloads: open files from their registered addresses; nothing else opens a connection.

Reads:   the entries of the register of downloads (workflow/resources/downloads.yaml)
Writes:  data/open/{file} (or below downloads.folder), each once its checksum agrees

No other rule can ask for these files: one that the configuration names is there already, and has no
rule that could make it. So only `snakemake fetch_open` downloads.
"""


rule fetch_open:
    """Every registered open file that the configuration does not name yet."""
    input:
        collect("{folder}/{file}", folder=CONFIG.downloads_folder, file=DOWNLOADS),


rule fetch_file:
    """Download one file, or what is missing of it; a file that is right is left as it is."""
    input:
        code=parts("core", "downloads"),
        script="scripts/fetch_file.py",
    output:
        # Not removed before the job: a changed script then checks the file and fetches nothing.
        file=update(f"{CONFIG.downloads_folder}/{{file}}"),
    log:
        "<logs>/fetch_file/{file}.log",
    conda:
        "../envs/lds.yaml"
    params:
        url=lambda wildcards: DOWNLOADS[wildcards.file].url,
        sha256=lambda wildcards: DOWNLOADS[wildcards.file].sha256,
        bytes=lambda wildcards: DOWNLOADS[wildcards.file].bytes,
    message:
        "Fetching {wildcards.file}"
    shell:
        "python {input.script:q} --url {params.url:q} --sha256 {params.sha256:q}"
        " --bytes {params.bytes} --file {output.file:q} > {log:q} 2>&1"

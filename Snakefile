"""Local Data Spaces: from raw files to disclosure-checked local profiles."""

from snakemake.utils import min_version

min_version("9.12")


configfile: "config.yaml"


include: "rules/common.smk"
include: "rules/code.smk"
include: "rules/reference.smk"


# With an approved release, no rule exists that could remake it.
if CONFIG.release_path is None:

    include: "rules/downloads.smk"
    include: "rules/sources.smk"
    include: "rules/staging.smk"
    include: "rules/profiles.smk"
    include: "rules/harmonised.smk"
    include: "rules/indicators.smk"
    include: "rules/gate.smk"


include: "rules/slices.smk"
include: "rules/site.smk"
include: "rules/packs.smk"
include: "rules/catalogue.smk"
include: "rules/proof.smk"


rule all:
    """Everything: pages, packs and index; source profiles, where the raw files are."""
    default_target: True
    input:
        PUBLIC_FILES,
        PROFILES,


rule publish:
    """Pages, packs and index, from the release (made here, or named in release.path)."""
    input:
        PUBLIC_FILES,


rule export_request:
    """What an output checker sees, and the source profiles that a person reads before."""
    input:
        RELEASE_FILES,
        EVIDENCE_FILES,
        PROFILES,

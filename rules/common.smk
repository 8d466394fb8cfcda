"""Configuration, checked; names of files; helpers. No rules."""

import os
import re
import shlex
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

PROJECT = Path(workflow.basedir)
sys.path.insert(0, str(PROJECT / "workflow"))

from lds.areas import areas_as_text
from lds.config import check_config
from lds.disclosure.profiles import profile_path
from lds.disclosure.release import open_release
from lds.download_register import load_downloads, to_fetch
from lds.environment import describe_commit, prepare_jobs
from lds.errors import LdsError
from lds.fingerprints import part_modules
from lds.geography import Register
from lds.reports.engines import resolve_engine
from lds.sources.contract import Contracts, contract_ids, ids_with_stand_in
from lds.sources.rawfiles import raw_files
from lds.topics import load_topics

prepare_jobs(PROJECT / "workflow")

try:
    CONFIG = check_config(config, Register.load())
    TOPICS = load_topics()
    CONTRACTS = Contracts()
    STAND_INS = [each for each in ids_with_stand_in() if CONFIG.raw_of(each) is None]
    DOWNLOADS = to_fetch(
        load_downloads(CONFIG.downloads_register),
        CONFIG.downloads_folder,
        CONFIG.named_paths,
    )
    ENGINE = resolve_engine(CONFIG.engine)
    if CONFIG.release_path is not None:
        open_release(
            CONFIG.release_path,
            vintage=CONFIG.vintage,
            topics=TOPICS,
            custom_areas=CONFIG.areas,
        )
except LdsError as error:
    raise WorkflowError(str(error))

LADS = [*CONFIG.lads, *(area.code for area in CONFIG.areas)]
COMMIT = describe_commit(PROJECT)
RELEASE = (
    "<results>/export/released"
    if CONFIG.release_path is None
    else str(CONFIG.release_path)
)
RELEASE_FILES = [
    *(f"{RELEASE}/{topic}.parquet" for topic in TOPICS),
    f"{RELEASE}/release.json",
    f"{RELEASE}/evidence-public/results.json",
    f"{RELEASE}/SHA256SUMS",
]
EVIDENCE = "<results>/export/evidence"
# The request is not among them: Snakemake would delete its history before the gate runs again.
EVIDENCE_FILES = [
    f"{EVIDENCE}/{name}"
    for name in ("results.json", "review.html", "preflight.json", "audit.json")
]
PAGES = collect("<results>/public/site/{lad}/{topic}.html", lad=LADS, topic=TOPICS)
PACKS = collect("<results>/public/packs/{lad}.zip", lad=LADS)
# With an approved release nothing secure is there to be profiled.
PROFILES = (
    ["<results>/secure/profiles/index.html"] if CONFIG.release_path is None else []
)
CATALOGUE = [
    "<results>/public/index.html",
    "<results>/public/gaps.csv",
    "<results>/public/datapackage.json",
    "<results>/public/provenance.json",
]
PUBLIC_FILES = [*PAGES, *PACKS, *CATALOGUE]
RECIPE = sorted(
    str(CONFIG.recipe / path.name)
    for path in Path(CONFIG.recipe).iterdir()
    if path.suffix in (".csv", ".yaml")
)
REGISTER = [
    "workflow/resources/areas.csv",
    "workflow/resources/area_changes.csv",
    "workflow/resources/area_population.csv",
    "workflow/resources/area_register.yaml",
    "workflow/resources/regions.csv",
    "workflow/resources/counties.csv",
]
DOCUMENT_SOURCES = sorted(
    str(path.relative_to(PROJECT))
    for path in [
        *(PROJECT / "reports").glob("_quarto.yml"),
        *(PROJECT / "reports").glob("template.html"),
        *(PROJECT / "reports").glob("report.css"),
        *(PROJECT / "reports").glob("partials/*.html"),
    ]
)


# On a cluster these run in the main process: most are thousands of jobs of a tenth of a second, and
# the nodes have no network to fetch files from.
localrules:
    all,
    publish,
    export_request,
    slices,
    proof,
    fetch_open,
    fetch_file,
    fingerprint_code,
    compile_shell,
    render_report,
    build_pack,
    build_catalogue,
    record_provenance,


wildcard_constraints:
    lad="E[0-9]{8}|X[0-9A-F]{8}",
    topic="|".join(TOPICS),
    source="|".join(contract_ids()),
    part="[a-z_]+",
    lookup="|".join(CONFIG.lookups),
    file="|".join(map(re.escape, DOWNLOADS)) or "(?!)",


def parts(*names):
    """Fingerprints of the parts of the package that a rule's script imports."""
    return [f"<results>/fingerprints/{name}.txt" for name in names]


def module_files(wildcards):
    """The modules of a part, as paths inside the project: a copy of it has nothing to redo."""
    modules = part_modules(wildcards.part, package=PROJECT / "workflow" / "lds")
    return [str(module.relative_to(PROJECT)) for module in modules]


def option(name, value):
    """A command line option, quoted; nothing where the value is None."""
    return "" if value is None else f"{name} {shlex.quote(str(value))}"


def output_folder(wildcards, output):
    """The folder of a job's first output, for scripts that write many files."""
    return os.path.dirname(output[0])


def packs_folder(wildcards, input):
    """The folder of the packs."""
    return os.path.dirname(input.packs[0])


def raw_inputs(wildcards):
    """The raw files of a source: the configured ones, or the list of its stand-in's."""
    path = CONFIG.raw_of(wildcards.source)
    if path is None:
        return [f"<results>/secure/sources/{wildcards.source}.synthetic.json"]
    return [str(each) for each in raw_files(path, CONTRACTS[wildcards.source])]


def stand_in_folder(wildcards):
    """The folder of a stand-in, whose list of checksums says whether it is another."""
    if CONFIG.raw_of(wildcards.source) is not None:
        return []
    return [ancient(f"<results>/secure/sources/{wildcards.source}.synthetic")]


def addresses_of(wildcards):
    """The postcodes of LSOAs, where a stand-in needs addresses."""
    if not CONTRACTS[wildcards.source].synthetic.get("postcodes"):
        return []
    return ["<results>/secure/synthetic/addresses.parquet"]


def staging_query(wildcards):
    """The SQL of a source's staged table; none where the table is what the contract says."""
    path = f"workflow/sql/staging/{wildcards.source}.sql"
    return [path] if (PROJECT / path).is_file() else []


def contract_file(wildcards):
    """The contract of a source."""
    return f"workflow/schemas/sources/{wildcards.source}.yaml"


def staged_tables(wildcards):
    """The staged table of a source and of its look-ups."""
    contract = CONTRACTS[wildcards.source]
    return [
        f"<results>/secure/staging/{source}.parquet"
        for source in (contract.id, *contract.lookups)
    ]


def source_resources(wildcards):
    """The small committed tables that a source's SQL reads."""
    return [
        f"workflow/resources/{name}" for name in CONTRACTS[wildcards.source].resources
    ]


def topic_sources(pattern):
    """An input function: `pattern` for each source of the topic."""
    return lambda wildcards: collect(pattern, source=TOPICS[wildcards.topic].sources)


def topic_secure(wildcards):
    """The option of a job whose messages may show nothing of its sources."""
    sources = TOPICS[wildcards.topic].sources
    return "--secure" if any(CONTRACTS[each].secure for each in sources) else ""


def topic_resources(wildcards):
    """The small committed tables that a topic reads."""
    return [
        f"workflow/resources/{name}.csv" for name in TOPICS[wildcards.topic].resources
    ]


def topic_reference(wildcards):
    """The reference tables of the public side that a topic's pages read."""
    return [
        f"<results>/public/reference/{name}.parquet"
        for name in TOPICS[wildcards.topic].reference
    ]


def converted_sources():
    """Sources that some topic uses, in order."""
    return sorted({source for topic in TOPICS.values() for source in topic.sources})


def staged_sources():
    """Sources that some topic uses, and their look-ups, in order."""
    return sorted(
        {
            each
            for source in converted_sources()
            for each in (source, *CONTRACTS[source].lookups)
        }
    )


def profile_of(source):
    """The file of a source's disclosure profile: the configured one, or that of its contract."""
    try:
        path = profile_path(CONFIG.profiles.get(source, CONTRACTS[source].profile))
    except LdsError as error:
        raise WorkflowError(f"Source {source}: {error}")
    return str(path.relative_to(PROJECT) if path.is_relative_to(PROJECT) else path)

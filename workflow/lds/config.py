"""The configuration: checked whole before any job, with one readable message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from lds.areas import CustomArea
from lds.custom_areas import resolve_areas
from lds.disclosure.profiles import is_profile_file, load_profile
from lds.download_register import REGISTER
from lds.errors import ConfigError, DisclosureError, GeographyError, SourceError
from lds.geography import Register
from lds.io import SCHEMAS, read_yaml
from lds.schema import problems
from lds.sources.contract import (
    Contract,
    contract_ids,
    contract_path,
    ids_with_stand_in,
    load_contract,
)
from lds.sources.rawfiles import raw_files
from lds.topics import load_topics

PLACES = "google_places"
LOOKUP_NAME = "google_mobility_lad_lookup_200903.csv"


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """Where one source's raw file is (or the folder of its files), or None for a stand-in.

    Attributes
    ----------
    encoding : of text files; None for that of the contract.
    """

    path: Path | None
    sha256: str | None = None
    encoding: str | None = None


@dataclass(frozen=True, kw_only=True)
class Config:
    """The configuration after every check.

    Attributes
    ----------
    lads : codes of the districts to report on, sorted; all of the vintage unless some are named.
    areas : custom areas, sorted by code.
    max_unmatched_share : share of a source's rows that may lead to no district of the vintage.
    lookups : the file of each look-up between levels; None where it is not configured.
    sources : one entry per source that is configured or that a topic needs, look-ups included.
    downloads_folder : where `snakemake fetch_open` puts the files of `downloads_register`.
    profiles : name or path of the disclosure profile of each source that has another than that of
        its contract.
    earlier : folders of earlier releases of the same data.
    """

    release_id: str
    release_path: Path | None
    vintage: date
    max_unmatched_share: float
    lads: tuple[str, ...]
    areas: tuple[CustomArea, ...]
    lookups: dict[str, Path | None]
    sources: dict[str, SourceFile]
    downloads_folder: Path
    downloads_register: Path
    profiles: dict[str, str]
    earlier: tuple[Path, ...]
    seed: int
    scale: float | Mapping[str, float] | None
    recipe: Path
    engine: str
    render: str
    contact: str | None

    def file_of(self, source: str) -> SourceFile:
        """Return where the raw files of a source are; one that is not named has none."""
        return self.sources.get(source, SourceFile(path=None))

    def raw_of(self, source: str) -> Path | None:
        """Return the configured raw file or folder of a source; none where a stand-in is made."""
        return self.file_of(source).path

    def scale_of(self, source: str) -> float | None:
        """Return the size that the stand-in of a source shall have; none takes its own."""
        if isinstance(self.scale, Mapping):
            return self.scale.get(source)
        return self.scale

    @property
    def named_paths(self) -> list[Path]:
        """Every raw file, folder of raw files and look-up that the configuration names."""
        paths = [*(source.path for source in self.sources.values()), *self.lookups.values()]
        return [path for path in paths if path is not None]


@cache
def config_schema() -> dict[str, Any]:
    """Return the JSON Schema of the configuration."""
    schema: dict[str, Any] = read_yaml(SCHEMAS / "config.schema.yaml")
    return schema


def _full_schema() -> dict[str, Any]:
    """Return the schema with a key for each source, so that a wrong one is named as such."""
    schema = config_schema()
    sources = schema["properties"]["sources"]
    # Names of files, because reading every contract takes a second. The look-up of Google's places
    # is configured with the source that it belongs to.
    ids = set(contract_ids()) - {PLACES}
    keys = {name: sources["additionalProperties"] for name in sorted(ids)}
    full = {**sources, "properties": {**keys, **sources["properties"]}}
    full["additionalProperties"] = False
    disclosure = schema["properties"]["disclosure"]
    profiles = disclosure["properties"]["profiles"]
    named = {
        **profiles,
        "properties": dict.fromkeys(sorted(contract_ids()), profiles["additionalProperties"]),
        "additionalProperties": False,
    }
    return {
        **schema,
        "properties": {
            **schema["properties"],
            "sources": full,
            "disclosure": {
                **disclosure,
                "properties": {**disclosure["properties"], "profiles": named},
            },
        },
    }


def _default(*keys: str) -> Any:
    """Return the default that the schema declares for a key."""
    schema: Any = config_schema()
    for key in keys:
        schema = schema["properties"][key]
    return schema["default"]


def _plain(value: Any) -> Any:
    """Return YAML values as JSON has them: an unquoted date becomes its text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


def _day(text: str, key: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{key} is not a day that exists: {text} ({error}).") from None


def _existing(path: str, key: str, root: Path, *, folder: bool = False) -> Path:
    full = root / path
    if not (full.is_dir() if folder else full.is_file()):
        raise ConfigError(
            f"{key} names a {'folder' if folder else 'file'} that is not there.",
            where=path,
            remedy="Correct the path (it is relative to the folder that snakemake runs in)"
            + (
                "."
                if folder
                else ", or set it to null; files of the register of downloads are then fetched by"
                " `snakemake fetch_open`."
            ),
        )
    return Path(path)


def _source(given: Mapping[str, Any], contract: Contract, root: Path) -> SourceFile:
    """Return where a source's raw files are.

    Raises
    ------
    ConfigError : a path that is not there, a key that needs one, or a source that has neither a
        path nor a stand-in.
    """
    key = f"sources.{contract.id}"
    if given["path"] is not None:
        folder = (root / given["path"]).is_dir()
        if folder and given.get("sha256") is not None:
            raise ConfigError(
                f"{key}.sha256 is set, but {key}.path is a folder.",
                remedy="Set path to one file, or sha256 to null.",
            )
        path = _existing(given["path"], f"{key}.path", root, folder=folder)
        try:
            raw_files(root / path, contract)
        except SourceError as error:
            raise ConfigError(
                error.what, where=error.where, values=error.values, remedy=error.remedy
            ) from None
        return SourceFile(path=path, sha256=given.get("sha256"), encoding=given.get("encoding"))
    for other in ("lookup", "sha256"):
        if given.get(other) is not None:
            raise ConfigError(
                f"{key}.{other} is set, but path is null.",
                remedy="Set path to the raw file, or set both to null for a stand-in.",
            )
    if not contract.has_stand_in:
        raise ConfigError(
            f"{key}.path is null, but there is no stand-in of this source yet.",
            remedy="Set path to the raw file, or leave the source out.",
        )
    return SourceFile(path=None)


def _sources(raw: Mapping[str, Any], root: Path) -> dict[str, SourceFile]:
    needed = {source for topic in load_topics().values() for source in topic.sources}
    sources = {
        name: _source(raw.get(name, {"path": None}), load_contract(contract_path(name)), root)
        for name in sorted({*needed, *raw})
    }
    mobility = sources["google_mobility"]
    places = SourceFile(path=None)
    if mobility.path is not None:
        beside = str(mobility.path.parent / LOOKUP_NAME)
        lookup = raw["google_mobility"].get("lookup") or beside
        places = SourceFile(
            path=_existing(lookup, "sources.google_mobility.lookup", root),
            encoding=mobility.encoding,
        )
    return {**sources, PLACES: places}


def _scale(
    given: float | Mapping[str, float] | None,
) -> float | Mapping[str, float] | None:
    """Return the sizes of stand-ins.

    Raises
    ------
    ConfigError : a source that there is not, or that has no stand-in.
    """
    if isinstance(given, Mapping):
        unknown = sorted(set(given) - set(ids_with_stand_in()))
        if unknown:
            raise ConfigError(
                "synthetic.scale names sources that have no stand-in.",
                values=unknown,
                remedy="Their ids are the names of files in workflow/schemas/sources.",
            )
    return given


def _recipe(given: str | None, root: Path) -> Path:
    """Return the folder of the recipe of the synthetic England, relative to the project."""
    if given is None:
        return Path("workflow/resources/synthetic")
    return _existing(given, "synthetic.recipe", root, folder=True)


def _profiles(given: Mapping[str, str], root: Path) -> dict[str, str]:
    """Return the configured disclosure profiles; each is read, so that a wrong one stops here."""
    for source, name in sorted(given.items()):
        try:
            load_profile(root / name if is_profile_file(name) else name)
        except DisclosureError as error:
            raise ConfigError(
                f"disclosure.profiles.{source} is wrong. {error.what}",
                where=error.where,
                values=error.values,
                remedy=error.remedy,
            ) from None
    return dict(given)


def _lookups(raw: Mapping[str, str | None], root: Path) -> dict[str, Path | None]:
    keys: dict[str, Any] = config_schema()["properties"]["geography"]["properties"]["lookups"]
    given = {key: raw.get(key) for key in keys["properties"]}
    return {
        key: None if path is None else _existing(path, f"geography.lookups.{key}", root)
        for key, path in given.items()
    }


def _register(path: str | None, root: Path) -> Path:
    return REGISTER if path is None else root / _existing(path, "downloads.register", root)


def check_config(raw: Mapping[str, Any], register: Register, root: Path = Path()) -> Config:
    """Check the configuration and return it typed.

    Parameters
    ----------
    raw : the configuration as YAML gives it.
    root : the folder that paths are relative to.

    Raises
    ------
    ConfigError : every problem of keys and types at once; or a day, district or path that does
        not exist.
    """
    plain = _plain(raw)
    found = list(problems(plain, _full_schema()))
    if found:
        raise ConfigError(
            "The configuration is wrong.\n"
            + "\n".join(f"  {place}: {what}" for place, what in found),
            remedy="The keys are explained in README.md, section Configuration.",
        )
    vintage = _day(plain["geography"]["vintage"], "geography.vintage")
    try:
        live = register.live_on(vintage)["code"].to_list()
        named = [register.resolve(text, vintage) for text in plain["geography"]["lads"]]
        areas = resolve_areas(
            [
                {**given, "vintage": _day(given["vintage"], f"geography.areas[{place}].vintage")}
                if "vintage" in given
                else {**given, "vintage": vintage}
                for place, given in enumerate(plain["geography"].get("areas", []))
            ],
            register,
            vintage,
        )
    except GeographyError as error:
        raise ConfigError(
            f"The configuration's geography is wrong. {error.what}",
            where=error.where or "geography",
            values=error.values,
            remedy=error.remedy,
        ) from None
    release_path = plain["release"]["path"]
    downloads = plain.get("downloads", {})
    return Config(
        release_id=plain["release"]["id"],
        release_path=None
        if release_path is None
        else _existing(release_path, "release.path", root, folder=True),
        vintage=vintage,
        max_unmatched_share=plain["geography"].get(
            "max_unmatched_share", _default("geography", "max_unmatched_share")
        ),
        lads=tuple(sorted(set(named) or set(live))),
        areas=areas,
        lookups=_lookups(plain["geography"].get("lookups", {}), root),
        sources=_sources(plain["sources"], root),
        downloads_folder=Path(downloads.get("folder", _default("downloads", "folder"))),
        downloads_register=_register(downloads.get("register"), root),
        profiles=_profiles(plain.get("disclosure", {}).get("profiles", {}), root),
        earlier=tuple(
            _existing(folder, "disclosure.earlier", root, folder=True)
            for folder in plain.get("disclosure", {}).get("earlier", ())
        ),
        seed=plain["synthetic"]["seed"],
        scale=_scale(plain["synthetic"].get("scale")),
        recipe=_recipe(plain["synthetic"].get("recipe"), root),
        engine=plain["report"]["engine"],
        render=plain["report"]["render"],
        contact=plain["report"].get("contact"),
    )

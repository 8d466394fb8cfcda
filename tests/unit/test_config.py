from __future__ import annotations

import copy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from lds.config import LOOKUP_NAME, Config, check_config
from lds.errors import ConfigError
from lds.geography import Register

REGISTER = Register.load()
GOOD: dict[str, Any] = {
    "release": {"id": "2026.1", "path": None},
    "geography": {"vintage": date(2021, 4, 1), "lads": []},
    "sources": {"google_mobility": {"path": None}},
    "synthetic": {"seed": 2021},
    "report": {"engine": "auto", "render": "shell"},
}


def check(root: Path, **changes: Any) -> Config:
    """Check the good configuration with keys like ``geography__vintage`` replaced."""
    raw = copy.deepcopy(GOOD)
    for path, value in changes.items():
        *parents, last = path.split("__")
        place = raw
        for key in parents:
            place = place[key]
        place[last] = value
    return check_config(raw, REGISTER, root)


def test_the_configuration_of_the_project_is_good(root: Path) -> None:
    raw = yaml.safe_load((root / "config.yaml").read_text(encoding="utf-8"))
    checked = check_config(raw, REGISTER, root)
    assert checked.vintage == date(2021, 4, 1)
    assert len(checked.lads) == 309
    assert checked.sources["google_mobility"].path is None


@pytest.mark.parametrize("vintage", [date(2021, 4, 1), "2021-04-01"])
def test_a_date_may_stand_with_or_without_quotes(tmp_path: Path, vintage: object) -> None:
    assert check(tmp_path, geography__vintage=vintage).vintage == date(2021, 4, 1)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("geography__vintge", "2021-04-01", "geography: unknown key 'vintge'; did you mean 'vint"),
        ("sorces", {}, r"\(top level\): unknown key 'sorces'; did you mean 'sources'"),
        ("sources__death", {}, "sources: unknown key 'death'; did you mean 'deaths'"),
        ("sources__google_places", {"path": None}, "sources: unknown key 'google_places'"),
        ("sources__deaths", {"path": None, "lookup": "x"}, "sources.deaths: unknown key 'lookup'"),
        ("geography__lads", "E07000131", "geography.lads: 'E07000131' is not of type 'array'"),
        ("geography__lads", [7000131], r"geography.lads\[0\]: 7000131 is not of type 'string'"),
        ("geography__vintage", "1 April 2021", "geography.vintage: .* written YYYY-MM-DD"),
        ("geography__vintage", 2021, "geography.vintage: 2021 is not of type 'string'"),
        ("synthetic__seed", -1, "synthetic.seed: -1 is less than the minimum"),
        ("synthetic__seed", "1", "synthetic.seed: '1' is not of type 'integer'"),
        ("report__engine", "latex", "'latex' is not one of: auto, quarto, pandoc"),
        ("release__id", "a/b", "release.id: 'a/b' does not fit: .* letters, digits"),
        ("release__id", 2026.1, "release.id: 2026.1 is not of type 'string'"),
        ("sources__google_mobility__encoding", "cp1252", "'cp1252' is not one of: utf-8"),
        ("sources__google_mobility__sha256", "abc", "sha256: 'abc' does not fit"),
    ],
)
def test_keys_and_types(tmp_path: Path, key: str, value: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        check(tmp_path, **{key: value})


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        check(tmp_path, sorces={}, synthetic__seed="x", report__engine="latex")
    assert [line.split(":")[0].strip() for line in caught.value.what.splitlines()[1:]] == [
        *("(top level)", "report.engine", "synthetic.seed")
    ]


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    raw = {key: value for key, value in GOOD.items() if key != "release"}
    with pytest.raises(ConfigError, match="'release' is a required property"):
        check_config(raw, REGISTER, tmp_path)


@pytest.mark.parametrize("day", ["2020-02-30", "2021-13-01"])
def test_an_impossible_date_is_refused(tmp_path: Path, day: str) -> None:
    with pytest.raises(ConfigError, match=f"geography.vintage is not a day that exists: {day}"):
        check(tmp_path, geography__vintage=day)


@pytest.mark.parametrize("day", ["2008-12-31", "2025-04-02", "1900-01-01"])
def test_a_date_outside_the_register_is_refused(tmp_path: Path, day: str) -> None:
    with pytest.raises(ConfigError, match=f"does not cover {day}(.|\n)*2009-01-01 to 2025-04-01"):
        check(tmp_path, geography__vintage=day)


def test_districts_by_code_name_and_old_name(tmp_path: Path) -> None:
    lads = ["Harborough", "e07000131", "Bristol", "St Helens", "Shepway"]
    assert check(tmp_path, geography__lads=lads).lads == (
        *("E06000023", "E07000112", "E07000131", "E08000013"),
    )


@pytest.mark.parametrize(
    ("lad", "message"),
    [
        ("Harboro", "Did you mean E07000131 Harborough"),
        ("E07000132x", "Did you mean .*E07000132"),
        ("Corby", "was not an area on 2021-04-01(.|\n)*E06000061 North Northamptonshire"),
        ("E06000063", "was not an area on 2021-04-01(.|\n)*2023-04-01"),
        ("W06000015", "not an English local authority district"),
    ],
)
def test_a_district_that_is_none_of_the_day(tmp_path: Path, lad: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        check(tmp_path, geography__lads=[lad])


def test_the_look_up_lies_beside_the_raw_file_unless_it_is_named(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for name in ("raw.csv", LOOKUP_NAME, "other.csv"):
        (data / name).touch()
    mobility = {"path": "data/raw.csv", "sha256": "A" * 64, "encoding": "latin-1"}
    sources = check(tmp_path, sources__google_mobility=mobility).sources
    assert sources["google_mobility"].path == Path("data/raw.csv")
    assert sources["google_mobility"].sha256 == "A" * 64
    assert sources["google_places"].path == Path("data") / LOOKUP_NAME
    assert sources["google_places"].encoding == "latin-1"
    named = check(tmp_path, sources__google_mobility={**mobility, "lookup": "data/other.csv"})
    assert named.sources["google_places"].path == Path("data/other.csv")


@pytest.mark.parametrize(
    ("mobility", "message"),
    [
        ({"path": "nothing.csv"}, "google_mobility.path names a file that is not there"),
        ({"path": "folder"}, r"A folder lacks raw files of a source(.|\n)*values: .*csv"),
        ({"path": "folder", "sha256": "a" * 64}, "sha256 is set, but .*path is a folder"),
        ({"path": "raw.csv"}, rf"lookup names a file that is not there(.|\n)*{LOOKUP_NAME}"),
        ({"path": "raw.csv", "lookup": "no.csv"}, r"lookup names a file(.|\n)*no\.csv"),
        ({"path": None, "lookup": "raw.csv"}, "lookup is set, but path is null"),
        ({"path": None, "sha256": "a" * 64}, "sha256 is set, but path is null"),
    ],
)
def test_files_that_are_not_there(tmp_path: Path, mobility: dict[str, Any], message: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "raw.csv").touch()
    with pytest.raises(ConfigError, match=message):
        check(tmp_path, sources__google_mobility=mobility)


def test_a_release_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "approved").mkdir()
    (tmp_path / "file").touch()
    assert check(tmp_path, release__path="approved").release_path == Path("approved")
    for wrong in ("file", "nothing"):
        with pytest.raises(ConfigError, match=r"release\.path names a folder that is not there"):
            check(tmp_path, release__path=wrong)

"""A release: written whole, checked when opened, gaps with the right reason."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from disclosure.test_gate import CONTRACT, rows, rules
from lds.areas import CustomArea
from lds.disclosure.gate import decide
from lds.disclosure.release import find_gaps, open_release, source_records, write_release
from lds.errors import ReleaseError
from lds.io import read_json, sha256, write_json
from lds.sources.contract import contract_path, load_contract
from lds.topics import load_topics

VINTAGE = date(2021, 4, 1)
EVIDENCE = {"made": "for the test"}


@pytest.fixture
def release(tmp_path: Path) -> Path:
    folder = tmp_path / "released"
    decision = decide({"human_mobility": rows((-5.0, None), (None, "x"))}, rules(), CONTRACT)
    write_release(
        folder,
        decision.tables,
        evidence=EVIDENCE,
        release_id="t.1",
        vintage=VINTAGE,
        profiles={"open": 1},
        sources=[{"id": "google_mobility", "synthetic": False, "topics": ["human_mobility"]}],
        gap_list=[],
        conversions=[],
    )
    return folder


def test_a_release_opens_and_its_checksums_are_true(release: Path) -> None:
    opened = open_release(release, vintage=VINTAGE, topics=["human_mobility"])
    assert opened.info["id"] == "t.1"
    assert opened.info["synthetic"] is False
    named = {}
    for line in (release / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        named[name] = digest
    files = {str(path.relative_to(release)) for path in release.rglob("*") if path.is_file()}
    assert files == {*named, "SHA256SUMS"}
    assert all(sha256(release / name) == digest for name, digest in named.items())


def test_a_release_is_the_same_twice(release: Path) -> None:
    before = (release / "SHA256SUMS").read_bytes()
    decision = decide({"human_mobility": rows((-5.0, None), (None, "x"))}, rules(), CONTRACT)
    write_release(
        release, decision.tables, evidence=EVIDENCE, release_id="t.1",
        vintage=VINTAGE, profiles={"open": 1},
        sources=[{"id": "google_mobility", "synthetic": False, "topics": ["human_mobility"]}],
        gap_list=[], conversions=[],
    )  # fmt: skip
    assert (release / "SHA256SUMS").read_bytes() == before


@pytest.mark.parametrize(
    "name", ["human_mobility.parquet", "release.json", "evidence-public/results.json"]
)
def test_an_altered_or_missing_file_is_refused(release: Path, name: str) -> None:
    (release / name).write_bytes((release / name).read_bytes() + b" ")
    with pytest.raises(ReleaseError, match="missing or was altered") as caught:
        open_release(release, vintage=VINTAGE)
    assert name in str(caught.value.where)
    (release / name).unlink()
    with pytest.raises(ReleaseError):
        open_release(release, vintage=VINTAGE)


def test_another_vintage_is_refused_with_both_named(release: Path) -> None:
    with pytest.raises(ReleaseError, match="another vintage") as caught:
        open_release(release, vintage=date(2023, 4, 1))
    assert caught.value.values == ["release 2021-04-01", "configuration 2023-04-01"]


def test_a_topic_that_it_does_not_hold_is_refused(release: Path) -> None:
    with pytest.raises(ReleaseError, match="every topic"):
        open_release(release, vintage=VINTAGE, topics=["human_mobility", "deaths"])


def test_a_custom_area_that_it_does_not_hold_is_refused(tmp_path: Path) -> None:
    held = CustomArea(code="X00000001", name="Held", vintage=VINTAGE, lads=("E07000131",))
    decision = decide({"human_mobility": rows((-5.0, None))}, rules(), CONTRACT)
    write_release(
        tmp_path, decision.tables, evidence=EVIDENCE, release_id="t.1",
        vintage=VINTAGE, profiles={"open": 1},
        sources=[], gap_list=[], conversions=[], custom_areas=[held],
    )  # fmt: skip
    assert open_release(tmp_path, vintage=VINTAGE, custom_areas=[held]).info["id"] == "t.1"
    other_day = dataclasses.replace(held, name="Other", vintage=date(2020, 4, 1))
    more = dataclasses.replace(held, name="More", lads=("E07000130", "E07000131"))
    with pytest.raises(ReleaseError, match="every custom area") as caught:
        open_release(tmp_path, vintage=VINTAGE, custom_areas=[held, other_day, more])
    assert caught.value.values == ["Other", "More"]


def test_a_gap_of_a_custom_area_has_its_reason() -> None:
    decision = decide({"human_mobility": rows((-5.0, None))}, rules(), CONTRACT)
    account = {
        "source": "google_mobility",
        "areas": {"without_source": []},
        "custom_areas": {
            "X00000001": {"match": "without_source", "from_codes": []},
            "X00000002": {"match": "not_convertible", "from_codes": ["E06000061"]},
            "X00000003": {"match": "best_fit", "from_codes": ["E07000129", "E07000131"]},
        },
    }
    areas = ["E07000131", *account["custom_areas"]]
    found = find_gaps(decision.tables, load_topics(), areas, [account])
    assert [(gap["area"], gap["reason"]) for gap in found] == [
        ("X00000001", "The source publishes no figures for any district of this area."),
        (
            "X00000002",
            "The source gives this area only by other codes (E06000061) that cannot be carried over"
            " to it.",
        ),
        ("X00000003", "The source has no usable value for this area."),
    ]


def test_a_folder_that_is_no_release_is_refused(tmp_path: Path) -> None:
    write_json(tmp_path / "release.json", {})
    with pytest.raises(ReleaseError, match="not a release folder"):
        open_release(tmp_path, vintage=VINTAGE)


def test_gaps_have_the_reason_of_their_kind() -> None:
    decision = decide({"human_mobility": rows((-5.0, None))}, rules(), CONTRACT)
    account = {
        "source": "google_mobility",
        "areas": {
            "without_source": ["E06000053", "E07000049", "E06000047"],
            "made_from_later_codes": {"E07000049": ["E06000059"]},
            "not_convertible": {"E06000047": ["E07000054"]},
        },
        "not_convertible": {"E07000054": "no weight is known for it."},
    }
    found = find_gaps(
        decision.tables,
        load_topics(),
        ["E06000053", "E07000049", "E07000131", "E07000150", "E06000047"],
        [account],
    )
    reasons = {gap["area"]: gap["reason"] for gap in found}
    assert set(reasons) == {"E06000053", "E07000049", "E07000150", "E06000047"}
    assert reasons["E06000047"] == (
        "The source gives this district only by other codes (E07000054): no weight is known for it."
    )
    assert reasons["E06000053"] == "The source publishes no figures for this district."
    assert "made later (E06000059)" in reasons["E07000049"]
    assert reasons["E07000150"] == "The source has no usable value for this district."


def test_an_area_with_marks_only_is_a_gap() -> None:
    decision = decide({"human_mobility": rows((None, "x"))}, rules(), CONTRACT)
    account = {
        "source": "google_mobility",
        "areas": {"without_source": [], "made_from_later_codes": {}},
    }
    (gap,) = find_gaps(decision.tables, load_topics(), ["E07000131"], [account])
    assert gap["reason"] == "The source has no usable value for this district."


def test_source_records_name_the_topics_that_use_a_source_or_its_look_up() -> None:
    contracts = {
        name: load_contract(contract_path(name)) for name in ("google_mobility", "google_places")
    }
    counts = {
        "sha256": "0" * 64,
        "synthetic": True,
        "rows_in": 1,
        "rows_kept": 1,
        "rows_rejected": 0,
    }
    accounts = [{"source": name, **counts} for name in contracts]
    records = source_records(contracts, accounts, load_topics())
    assert {record["id"]: record["topics"] for record in records} == {
        "google_mobility": ["human_mobility"],
        "google_places": ["human_mobility"],
    }


def test_written_tables_are_sorted_by_their_key(release: Path) -> None:
    table = pl.read_parquet(release / "human_mobility.parquet")
    assert table.equals(table.sort(CONTRACT.key))
    assert read_json(release / "release.json")["topics"] == ["human_mobility"]

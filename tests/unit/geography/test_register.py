"""The area register as committed, and what it refuses."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from lds.errors import GeographyError
from lds.geography import Register, name_keys

RESOURCES = Path(__file__).resolve().parents[3] / "workflow" / "resources"
FILES = (
    "areas.csv",
    "area_changes.csv",
    "area_population.csv",
    "regions.csv",
    "counties.csv",
    "area_register.yaml",
)
ENGLAND_2019 = 56_286_961
REGISTER = Register.load(RESOURCES)

HERTFORDSHIRE = [
    *(f"E07{n:06d}" for n in range(95, 105)),
    *(f"E07{n:06d}" for n in range(240, 244)),
]
EAST_OF_ENGLAND = "E12000006"


def area(code: str) -> dict[str, object]:
    return REGISTER.areas.row(by_predicate=pl.col("code") == code, named=True)


@pytest.mark.parametrize(
    ("day", "count"),
    [
        (date(2009, 1, 1), 354),
        (date(2009, 3, 31), 354),
        (date(2009, 4, 1), 326),
        (date(2012, 3, 31), 326),
        (date(2012, 4, 1), 326),
        (date(2013, 4, 1), 326),
        (date(2018, 4, 1), 326),
        (date(2019, 3, 31), 326),
        (date(2019, 4, 1), 317),
        (date(2020, 3, 31), 317),
        (date(2020, 4, 1), 314),
        (date(2021, 4, 1), 309),
        (date(2023, 3, 31), 309),
        (date(2023, 4, 1), 296),
        (date(2025, 3, 31), 296),
        (date(2025, 4, 1), 296),
    ],
)
def test_number_of_districts_live_on_a_day(day: date, count: int) -> None:
    live = REGISTER.live_on(day)
    assert live.height == count
    assert live["code"].is_sorted()
    assert live["name"].n_unique() == count


def test_first_day_has_the_published_number_of_each_kind() -> None:
    kinds = REGISTER.live_on(date(2009, 1, 1))["code"].str.head(3).value_counts()
    assert dict(kinds.iter_rows()) == {"E06": 46, "E07": 239, "E08": 36, "E09": 33}


def test_384_codes_since_2009() -> None:
    assert REGISTER.areas.height == 384
    assert REGISTER.areas["code"].n_unique() == 384


def test_files_are_sorted_and_use_plain_line_ends() -> None:
    for name in FILES[:5]:
        content = (RESOURCES / name).read_bytes()
        assert b"\r" not in content
        assert content.endswith(b"\n")
        content.decode("utf-8")
    for name in ("areas.csv", "area_population.csv", "regions.csv", "counties.csv"):
        with (RESOURCES / name).open(encoding="utf-8") as handle:
            codes = [row["code"] for row in csv.DictReader(handle)]
        assert codes == sorted(codes)


@pytest.mark.parametrize(
    ("region", "codes"),
    [
        (EAST_OF_ENGLAND, HERTFORDSHIRE),
        (EAST_OF_ENGLAND, ["E06000055", "E06000056", "E07000001", "E07000002", "E07000244"]),
        ("E12000001", ["E06000047", "E06000057", "E07000054", "E08000020", "E08000037"]),
        ("E12000002", ["E06000049", "E06000063", "E07000013", "E07000026", "E08000003"]),
        ("E12000003", ["E06000010", "E06000065", "E07000163", "E08000038", "E08000039"]),
        ("E12000004", ["E06000061", "E06000062", "E07000150", "E07000129"]),
        ("E12000005", ["E06000051", "E06000019", "E07000182", "E08000025"]),
        ("E12000007", [f"E09{n:06d}" for n in range(1, 34)]),
        ("E12000008", ["E06000060", "E07000004", "E07000112", "E07000223"]),
        ("E12000009", ["E06000053", "E06000058", "E06000066", "E07000025", "E07000190"]),
    ],
)
def test_region_of_known_districts(region: str, codes: list[str]) -> None:
    assert {area(code)["region_code"] for code in codes} == {region}


def test_districts_in_each_region_2021() -> None:
    counts = REGISTER.live_on(date(2021, 4, 1)).group_by("region_code").len().sort("region_code")
    assert counts["len"].to_list() == [12, 39, 21, 35, 30, 45, 33, 64, 30]


def test_successors_stay_in_the_region_and_population_belongs_to_it() -> None:
    regions = dict(REGISTER.areas.select("code", "region_code").iter_rows())
    for old, new in REGISTER.changes.select("from_code", "to_code").iter_rows():
        assert regions[old] == regions[new]


def test_every_district_of_a_county_has_one_that_lived_as_long() -> None:
    two_tier = REGISTER.areas.filter(pl.col("code").str.contains("^E0[78]"))
    assert two_tier["county_code"].null_count() == 0
    other = REGISTER.areas.filter(pl.col("code").str.contains("^E0[69]"))
    assert other["county_code"].null_count() == other.height
    joined = two_tier.join(REGISTER.counties, left_on="county_code", right_on="code", suffix="_cty")
    assert joined.height == two_tier.height
    last = date(9999, 1, 1)
    assert joined.filter(
        pl.col("end_date").fill_null(last) > pl.col("end_date_cty").fill_null(last)
    ).is_empty()
    assert set(REGISTER.counties["code"]) == set(two_tier["county_code"])


def test_gateshead_is_in_the_tyne_and_wear_of_its_time() -> None:
    assert area("E08000020")["county_code"] == "E11000004"
    assert area("E08000037")["county_code"] == "E11000007"


def test_name_is_the_name_of_the_day() -> None:
    before = REGISTER.live_on(date(2018, 3, 31)).filter(code="E07000112").row(0, named=True)
    after = REGISTER.live_on(date(2018, 4, 1)).filter(code="E07000112").row(0, named=True)
    assert (before["name"], before["old_names"]) == ("Shepway", [])
    assert (after["name"], after["old_names"]) == ("Folkestone and Hythe", ["Shepway"])
    assert REGISTER.name_on("E07000112", date(2018, 3, 31)) == "Shepway"
    assert REGISTER.name_on("E07000112", date(2018, 4, 1)) == "Folkestone and Hythe"


def test_frames_have_their_types() -> None:
    assert REGISTER.areas.schema == {
        **dict.fromkeys(("code", "name"), pl.String),
        "old_names": pl.List(pl.String),
        **dict.fromkeys(("region_code", "county_code"), pl.String),
        **dict.fromkeys(("start_date", "end_date"), pl.Date),
    }
    assert REGISTER.areas["old_names"].null_count() == 0
    assert REGISTER.live_on(date(2021, 4, 1)).schema == REGISTER.areas.schema
    assert REGISTER.changes.schema["date"] == pl.Date
    assert REGISTER.counties.schema["end_date"] == pl.Date
    assert REGISTER.population.schema["population"] == pl.Int64


def test_vintage_outside_the_register_is_refused() -> None:
    REGISTER.require_vintage(REGISTER.complete_from)
    REGISTER.require_vintage(REGISTER.complete_to)
    assert REGISTER.complete_to == date(2025, 4, 1)
    for day in (date(2008, 12, 31), date(2025, 4, 2)):
        with pytest.raises(GeographyError, match="from 2009-01-01 to 2025-04-01"):
            REGISTER.require_vintage(day)
        with pytest.raises(GeographyError):
            REGISTER.live_on(day)


def test_population_of_england_and_of_every_merge() -> None:
    population = REGISTER.population
    assert population["year"].unique().to_list() == [2019]
    people = dict(population.select("code", "population").iter_rows())
    for day in (date(2018, 4, 1), date(2019, 4, 1), date(2021, 4, 1), date(2025, 4, 1)):
        assert sum(people[code] for code in REGISTER.live_on(day)["code"]) == ENGLAND_2019
    later = REGISTER.areas.filter(
        pl.col("end_date").is_null() | (pl.col("end_date") >= date(2018, 4, 1))
    )
    assert set(people) == set(later["code"])
    merges = REGISTER.changes.filter(
        pl.col("kind").is_in(["merge", "recode"]), pl.col("date") > date(2018, 4, 1)
    )
    for (code,), parts in merges.group_by("to_code"):
        assert people[str(code)] == sum(people[part] for part in parts["from_code"])


@pytest.mark.parametrize(
    ("text", "day", "code"),
    [
        ("E07000112", date(2021, 4, 1), "E07000112"),
        (" e07000112 ", date(2021, 4, 1), "E07000112"),
        ("Shepway", date(2021, 4, 1), "E07000112"),
        ("folkestone & hythe", date(2021, 4, 1), "E07000112"),
        ("Bedford", date(2009, 3, 31), "E07000002"),
        ("Bedford", date(2009, 4, 1), "E06000055"),
        ("St Helens", date(2021, 4, 1), "E08000013"),
        ("Bristol", date(2021, 4, 1), "E06000023"),
        ("City of Bristol", date(2021, 4, 1), "E06000023"),
        ("Kings Lynn and West Norfolk", date(2021, 4, 1), "E07000146"),
        ("Sheffield", date(2025, 3, 31), "E08000019"),
        ("Sheffield", date(2025, 4, 1), "E08000039"),
    ],
)
def test_resolve(text: str, day: date, code: str) -> None:
    assert REGISTER.resolve(text, day) == code


@pytest.mark.parametrize(
    "day",
    [date(2009, 1, 1), date(2009, 4, 1), date(2018, 3, 31), date(2021, 4, 1), date(2025, 4, 1)],
)
def test_every_code_and_name_resolves_to_itself(day: date) -> None:
    for code, name in REGISTER.live_on(day).select("code", "name").iter_rows():
        assert REGISTER.resolve(code, day) == code
        assert REGISTER.resolve(name, day) == code


@pytest.mark.parametrize(
    ("text", "day", "message"),
    [
        (
            "E07000190",
            date(2019, 4, 1),
            r"became E07000246 Somerset West and Taunton on 2019-04-01$",
        ),
        ("E07000190", date(2023, 4, 1), r"2019-04-01, then E06000066 Somerset on 2023-04-01$"),
        ("Buckinghamshire", date(2020, 3, 31), r"made on 2020-04-01 from E07000004 Aylesbury Vale"),
        ("Durham", date(2021, 4, 1), r"became E06000047 County Durham"),
        ("Harborugh", date(2021, 4, 1), r"Did you mean E07000131 Harborough"),
        ("Hull", date(2021, 4, 1), r"Did you mean E06000010 Kingston upon Hull"),
        ("qqqqqqqq", date(2021, 4, 1), r"Give the code"),
        ("Harborough", date(2030, 1, 1), r"does not cover 2030-01-01"),
    ],
)
def test_resolve_says_why_not(text: str, day: date, message: str) -> None:
    with pytest.raises(GeographyError, match=message):
        REGISTER.resolve(text, day)


def test_suggestions_put_exact_matches_first() -> None:
    assert REGISTER.suggest("E07000131")[0] == "E07000131 Harborough"
    assert REGISTER.suggest("SHEPWAY")[0] == "E07000112 Folkestone and Hythe"
    assert REGISTER.suggest("bedford")[:2] == [
        "E06000055 Bedford",
        "E07000002 Bedford (until 2009-03-31)",
    ]
    assert len(REGISTER.suggest("East")) <= 5
    assert REGISTER.suggest("") == []


def test_labels() -> None:
    assert REGISTER.label("E07000131") == "E07000131 Harborough"
    assert REGISTER.label("E07000002") == "E07000002 Bedford (until 2009-03-31)"


def test_unknown_code_has_no_name() -> None:
    with pytest.raises(GeographyError, match="E07999999"):
        REGISTER.name_on("E07999999", date(2021, 4, 1))
    with pytest.raises(GeographyError, match="E07999999"):
        REGISTER.label("E07999999")


def test_name_keys() -> None:
    assert name_keys("Herefordshire,  County of") == {
        "herefordshire, county of",
        "herefordshire",
        "county of herefordshire",
    }
    assert name_keys("Bournemouth, Christchurch & Poole") == {"bournemouth, christchurch and poole"}
    assert name_keys("St. Helens") == name_keys("ST HELENS")


def replace(name: str, old: str, new: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return spoil


def remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


HARTLEPOOL = "E06000001,Hartlepool,,E12000001,,2009-01-01,\n"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (remove("areas.csv"), r"is missing\.\n.*areas\.csv"),
        (remove("area_register.yaml"), r"is missing\.\n.*area_register\.yaml"),
        (
            replace("areas.csv", HARTLEPOOL, HARTLEPOOL * 2),
            r"same code.*\n.*column code, line 2, 3",
        ),
        (
            replace("areas.csv", "Hartlepool,,E12000001", "Hartlepool,,E12000010"),
            r"region_code is unknown.*\n.*line 2\n.*E12000010",
        ),
        (replace("areas.csv", "E10000002", "E10000099"), r"county_code is unknown"),
        (
            replace("areas.csv", HARTLEPOOL, HARTLEPOOL.replace("-01,", "-01,2008-12-31")),
            r"ends before it starts.*\n.*line 2",
        ),
        (
            replace("areas.csv", HARTLEPOOL, HARTLEPOOL.replace("-01,", "-01,2019-03-31")),
            r"no change says what it became",
        ),
        (
            replace("areas.csv", HARTLEPOOL, HARTLEPOOL.replace("2009", "2008")),
            r"starts before the register",
        ),
        (
            replace("areas.csv", HARTLEPOOL, HARTLEPOOL.replace("2009", "2010")),
            r"what it was made from",
        ),
        (
            replace("areas.csv", "2009-01-01", "01/01/2009"),
            r"date cannot be read.*\n.*line 2\n.*01/01/2009\n.*YYYY-MM-DD",
        ),
        (replace("areas.csv", "Hartlepool", ""), r"value is missing.*\n.*column name, line 2"),
        (
            replace("areas.csv", "Hartlepool,,", "Hartlepool,West Hartlepool,"),
            r"old names of a code do not fit",
        ),
        (
            replace("areas.csv", "Hartlepool,,", "Hartlepool,,,,,,,"),
            r"cannot be read|other columns",
        ),
        (replace("areas.csv", "old_names", "former_names"), r"other columns.*\n.*line 1"),
        (
            replace("area_changes.csv", "E07000054", "E07999999"),
            r"code that the register does not have.*\n.*from_code, line 2\n.*E07999999",
        ),
        (replace("area_changes.csv", ",merge,", ",fusion,"), r"kind is unknown"),
        (replace("area_changes.csv", ",exact\n", ",nearly\n"), r"exactness is unknown"),
        (replace("area_changes.csv", ",rename,", ",recode,"), r"rename must keep its code"),
        (
            replace("area_changes.csv", "2009-04-01", "2009-04-02"),
            r"does not end on the day before its change",
        ),
        (
            replace(
                "areas.csv", "Somerset,,E12000009,,2023-04-01", "Somerset,,E12000009,,2023-04-02"
            ),
            r"does not start on the day of its change",
        ),
        (
            replace("area_population.csv", "E06000001,2019,93663", "E06000001,2019,none"),
            r"not a whole number",
        ),
        (
            replace("area_population.csv", "E06000001", "E06999999"),
            r"population is given for a code",
        ),
        (replace("area_population.csv", "E06000002", "E06000001"), r"same code, year stands twice"),
        (
            replace("regions.csv", "E12000002", "E12000001"),
            r"same code stands twice.*\n.*regions\.csv",
        ),
        (replace("area_register.yaml", "2025-04-01", "soon"), r"period of the register"),
        (replace("area_register.yaml", "2025-04-01", "2001-04-01"), r"period of the register"),
        (replace("area_register.yaml", "complete_to:", "complete_to: ["), r"not valid YAML"),
    ],
)
def test_malformed_register_is_refused(
    tmp_path: Path, spoil: Callable[[Path], None], message: str
) -> None:
    for name in FILES:
        shutil.copy(RESOURCES / name, tmp_path)
    spoil(tmp_path)
    with pytest.raises(GeographyError, match=message):
        Register.load(tmp_path)


def test_every_change_is_seen_from_one_day_to_the_next() -> None:
    for day in REGISTER.changes.filter(pl.col("kind") != "rename")["date"].unique():
        before = set(REGISTER.live_on(day - timedelta(days=1))["code"])
        after = set(REGISTER.live_on(day)["code"])
        changes = REGISTER.changes.filter(date=day)
        assert before - after == set(changes["from_code"])
        assert after - before == set(changes["to_code"])

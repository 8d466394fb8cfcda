"""The verdict on every public file, judged by what is in the file and not by its name.

Windows and counts were taken from the files' own codes by hand; the reasons stand beside those
whose header, name or look would say something else.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest

from lds.errors import GeographyError
from lds.files.tables import PARQUET, TEXT, WORKBOOKS
from lds.geography import Register
from lds.geography.classification.row_segments import split_rows
from lds.geography.classification.table_vintage import classify, read_values
from lds.geography.classification.vintages import Window
from lds.geography.names import match_names

ROOT = Path(__file__).resolve().parents[3]
OPEN = ROOT / ".." / "shared/data/open"
FOLDERS = (
    *("area_codes", "lsoa_lookups", "imd", "population", "labour", "housing", "cases", "place"),
    *("google_mobility", "deaths", "business", "ahah", "iuc"),
)

pytestmark = pytest.mark.skipif(
    not (OPEN / "area_codes").is_dir(), reason="the open data are not in ../shared/data/open"
)
REGISTER = Register.load(ROOT / "workflow" / "resources")

ENDS = date(2025, 4, 1)
LAD09 = Window(date(2009, 4, 1), date(2012, 3, 31))
LAD13 = Window(date(2013, 4, 1), date(2019, 3, 31))
LAD19 = Window(date(2019, 4, 1), date(2020, 3, 31))
LAD20 = Window(date(2020, 4, 1), date(2021, 3, 31))
LAD21 = Window(date(2021, 4, 1), date(2023, 3, 31))
LAD23 = Window(date(2023, 4, 1), date(2025, 3, 31))
ALWAYS = Window(date(2009, 1, 1), ENDS)
SCILLY = "E06000053"


class Expected(NamedTuple):
    """What a file must be found to be.

    Attributes
    ----------
    window : the time of all LAD codes; of mixed codes, the vintage that fits best.
    lads : distinct LAD codes of England.
    """

    column: str
    verdict: str
    window: Window | None
    lads: int
    absent: tuple[str, ...] = ()


CODES = "area_codes"
NAMES_AND_CODES = "Names_and_Codes_in_the_United_Kingdom.csv"

VERDICTS = {
    f"{CODES}/LAD_(Dec_2020)_{NAMES_AND_CODES}": Expected("LAD20CD", "complete", LAD20, 314),
    f"{CODES}/LAD_Dec2019_Names_and_Codes_UK.csv": Expected("LAD19CD", "complete", LAD19, 317),
    # Combined authorities only: their members' codes did not change from 2013 (Gateshead) to 2025
    # (Barnsley, Sheffield), so the file cannot say more.
    f"{CODES}/LAD_to_CAUTH_Dec2019.csv": Expected(
        "LAD19CD", "partial", Window(date(2013, 4, 1), date(2025, 3, 31)), 53
    ),
    # No unitary authorities.
    f"{CODES}/LAD_to_County_Apr2019.csv": Expected("LAD19CD", "partial", LAD19, 261),
    f"{CODES}/LAD_to_Region_Dec2015.csv": Expected("LAD15CD", "complete", LAD13, 326),
    f"{CODES}/LAD_to_Region_Dec2018.csv": Expected("LAD18CD", "complete", LAD13, 326),
    f"{CODES}/LTLA_to_UTLA_Apr2019.csv": Expected("LTLA19CD", "complete", LAD19, 317),
    f"{CODES}/Local_Authority_Districts_(April_2023)_{NAMES_AND_CODES}": Expected(
        "LAD23CD", "complete", LAD23, 296
    ),
    f"{CODES}/Local_Authority_Districts_(December_2022)_{NAMES_AND_CODES}": Expected(
        "LAD22CD", "complete", LAD21, 309
    ),
    # Every code from 2012 on in one column; the 326 of 2013 to 2018 are all there.
    f"{CODES}/drkane_la_all_codes.csv": Expected("LADCD", "mixed", LAD13, 346),
    # The Code History Database: all codes since 2009, of which 2009 has the most.
    f"{CODES}/gsscoder_sysdata__all_lad_codes_dates.csv": Expected(
        "gss_code", "mixed", Window(date(2009, 1, 1), date(2009, 3, 31)), 382
    ),
    # What was replaced: no list of any day.
    f"{CODES}/gsscoder_sysdata__lad_code_changes.csv": Expected(
        "changed_from_code", "mixed", Window(date(2009, 1, 1), date(2009, 3, 31)), 87
    ),
    f"{CODES}/lookup_ltla20_region20.csv": Expected("ltla20_code", "complete", LAD20, 314),
    f"{CODES}/lookup_ltla21_region21.csv": Expected("ltla21_code", "complete", LAD21, 309),
    f"{CODES}/lookup_ltla23_region23.csv": Expected("ltla23_code", "complete", LAD23, 296),
    # Called current, with 42 authorities that ended.
    f"{CODES}/mysociety_uk_local_authorities_current.csv": Expected(
        "gss-code", "mixed", LAD13, 338
    ),
    f"{CODES}/mysociety_uk_local_authorities_future.csv": Expected("gss-code", "mixed", LAD13, 338),
    "ahah/AHAH_2019_E08000012_Liverpool.csv": Expected("lsoa11cd", "no_lads", None, 0),
    # "E06000001 : Hartlepool" in a column without a name, on the fullest of 32 sheets.
    "business/ukbusinessworkbook2024.xlsx": Expected("column_1", "complete", LAD23, 296),
    # The country only.
    "cases/ukc19_england_cases_by_5yr_age.csv": Expected("code", "no_lads", None, 0),
    "cases/ukc19_england_covid_positivity.csv": Expected("code", "no_lads", None, 0),
    # Dated 2020 to 2023 on the codes of 2019.
    "cases/ukc19_ltla_cases.csv": Expected("code", "complete", LAD19, 316, (SCILLY,)),
    # Regions.
    "cases/ukc19_ons_infection_survey.csv": Expected("code", "no_lads", None, 0),
    # The first 19 of a list: codes that never changed.
    "deaths/LAHB_deaths-2021-registrations_first19LADs_week1.csv": Expected(
        "Area code", "partial", ALWAYS, 19
    ),
    "deaths/engdeaths.csv": Expected("Areacode", "complete", LAD20, 313, (SCILLY,)),
    "google_mobility/LDS_GEOLYTIX_OpenCovid19Lockdown_UK.zip.csv": Expected(
        "code", "complete", LAD20, 314
    ),
    "google_mobility/LDS_Harborough_gmr_events_charts.csv": Expected(
        "lad19cd", "partial", ALWAYS, 1
    ),
    "google_mobility/LDS_Harborough_gmr_lad_by_day.csv": Expected("lad19cd", "partial", ALWAYS, 1),
    "google_mobility/england_ltla_covid_tiers_2020_12_20.csv": Expected(
        "LAD20CD", "complete", LAD20, 314
    ),
    # Four codes of 2018 in a column called lad19cd.
    "google_mobility/google_mobility_lad_lookup_200903.csv": Expected(
        "lad19cd", "mixed", LAD19, 318, (SCILLY, "E07000244", "E07000246")
    ),
    # From 1995 or 1997, on the codes of 2023.
    "housing/hp_to_wage_ratio.parquet": Expected("geography_code", "complete", LAD23, 296),
    "housing/median_house_prices.csv": Expected("geography_code", "complete", LAD23, 296),
    "imd/imd2019_england_lsoa11.csv": Expected("lsoa11_code", "no_lads", None, 0),
    "imd/imd2019_england_lsoa11_indicators.csv": Expected("lsoa11_code", "no_lads", None, 0),
    "imd/imd2019_england_lsoa11_subdomains.csv": Expected("lsoa11_code", "no_lads", None, 0),
    "imd/imd2019_england_ltla19.csv": Expected("ltla19_code", "complete", LAD19, 317),
    "iuc/BRC_digital-exclusion-lsoa.csv": Expected("LSOA11CD", "no_lads", None, 0),
    "labour/ESS_aged-16-years-and-over-modelled-unemployment.csv": Expected(
        "AREACD", "complete", LAD21, 309
    ),
    # 2017 to 2019 on the codes of 2018, 2021 and later on those of 2021.
    "labour/ESS_business-demography.csv": Expected("areacd", "mixed", LAD13, 334),
    "labour/ESS_claimant-count.csv": Expected("AREACD", "complete", LAD23, 296),
    "labour/ESS_employment-rate.csv": Expected("areacd", "complete", LAD21, 309),
    "labour/ESS_gross-median-weekly-pay.csv": Expected("AREACD", "complete", LAD23, 296),
    "lsoa_lookups/LSOA01_LSOA11_LAD11.csv": Expected("LAD11CD", "complete", LAD09, 326),
    "lsoa_lookups/lookup_lsoa11_lsoa21_ltla22.csv": Expected("ltla22_code", "complete", LAD21, 309),
    "lsoa_lookups/lookup_lsoa11_ltla18.csv": Expected("ltla18_code", "complete", LAD13, 326),
    "lsoa_lookups/lookup_lsoa11_ltla19.csv": Expected("ltla19_code", "complete", LAD19, 317),
    "lsoa_lookups/lookup_lsoa11_ltla20.csv": Expected("ltla20_code", "complete", LAD20, 314),
    "lsoa_lookups/lookup_lsoa11_ltla21.csv": Expected("ltla21_code", "complete", LAD21, 309),
    "lsoa_lookups/lookup_lsoa11_msoa11.csv": Expected("lsoa11_code", "no_lads", None, 0),
    "lsoa_lookups/lookup_lsoa21_ward24_ltla24.csv": Expected("ltla24_code", "complete", LAD23, 296),
    "place/ESS_aged-16-to-64-years-level-3-or-above-qualifications.csv": Expected(
        "AREACD", "complete", LAD21, 309
    ),
    # 2014 to 2019, on codes that ended in 2012.
    "place/ESS_average-travel-time.csv": Expected("areacd", "complete", LAD09, 326),
    # The codes of 2021, and beside them the four authorities of 2023.
    "place/ESS_gigabit-capable-broadband.csv": Expected("AREACD", "mixed", LAD21, 313),
    "place/ESS_gross-disposable-household-income-per-head.csv": Expected(
        "AREACD", "complete", LAD21, 309
    ),
    "place/census2021-ts021-lsoa.csv": Expected("geography code", "no_lads", None, 0),
    "place/ethnicity21_ltla21.csv": Expected("ltla21_code", "complete", LAD21, 309),
    "place/households21_ltla21.csv": Expected("ltla21_code", "complete", LAD21, 309),
    "population/population19_lsoa11.csv": Expected("lsoa11_code", "no_lads", None, 0),
    "population/population19_ltla19.csv": Expected("ltla19_code", "complete", LAD19, 317),
    "population/population20_lsoa11.csv": Expected("lsoa11_code", "no_lads", None, 0),
    "population/population20_ltla20.csv": Expected("ltla20_code", "complete", LAD20, 314),
    "population/population20_ltla21.csv": Expected("ltla21_code", "complete", LAD21, 309),
    "population/ukc19_uk_population_2019_by_5yr_age.csv": Expected("code", "complete", LAD19, 317),
    # Mid-2018 people on the codes of 2019.
    "population/ukmidyearestimates20182019ladcodes.xls": Expected("Code", "complete", LAD19, 317),
}

WITHOUT_CODES = (
    "google_mobility/2020_GB_Region_Mobility_Report.csv",
    "google_mobility/LDS_COVID-19_important_dates.csv",
    "housing/example_pp_15_rows.csv",
    "housing/pricepaid_RG30_1995-2023.csv",
    "housing/pricepaid_RG31_2023.csv",
)
"""Areas by name, or none."""


def test_every_table_has_a_verdict() -> None:
    endings = (*TEXT, *PARQUET, *WORKBOOKS)
    files = {
        path.relative_to(OPEN).as_posix()
        for folder in FOLDERS
        for path in (OPEN / folder).iterdir()
        if path.suffix in endings
    }
    assert files == {*VERDICTS, *WITHOUT_CODES}


@pytest.mark.parametrize("name", VERDICTS)
def test_verdict(name: str) -> None:
    expected = VERDICTS[name]
    found = classify(OPEN / name, REGISTER)
    mixed = found.verdict == "mixed"
    assert (found.column, found.verdict) == (expected.column, expected.verdict), found.sentence()
    assert (found.best if mixed else found.window) == expected.window
    assert len(found.lads) == expected.lads
    assert found.unknown == []
    if expected.verdict == "complete" or expected.absent:
        assert tuple(found.absent["code"]) == expected.absent
    assert found.claims is None
    assert len(found.segments) == (0 if not expected.lads else len(found.segments) if mixed else 1)


@pytest.mark.parametrize("name", WITHOUT_CODES)
def test_tables_without_codes_say_so(name: str) -> None:
    with pytest.raises(GeographyError, match="No column of the table holds area codes"):
        classify(OPEN / name, REGISTER)


def test_a_column_called_lad20_with_the_codes_of_2023() -> None:
    path = OPEN / "area_codes/drkane_la_all_codes.csv"
    found = classify(path, REGISTER)
    assert {other.name: other.claims for other in found.others}["LAD20CD"] == "2020"
    assert "'LAD20CD' has codes too; they are not those of 2020 but of 1 April" in found.sentence()
    named = classify(path, REGISTER, column="LAD20CD")
    assert (named.verdict, named.claims, len(named.lads)) == ("complete", "2020", 296)
    # Barnsley and Sheffield decide between 2023 and 2025.
    column = pl.read_csv(path, infer_schema=False)["LAD20CD"]
    has_2025 = {"E08000038", "E08000039"} <= set(column)
    assert named.window == (Window(ENDS, ENDS) if has_2025 else LAD23)


@pytest.mark.parametrize(
    ("name", "kind", "edition"),
    [
        ("imd/imd2019_england_lsoa11.csv", "lsoa", "the census of 2011, all 32,844"),
        ("iuc/BRC_digital-exclusion-lsoa.csv", "wales_lsoa", "the census of 2011, all 1,909"),
        ("place/census2021-ts021-lsoa.csv", "lsoa", "the census of 2021, all 33,755"),
        ("place/census2021-ts021-lsoa.csv", "wales_lsoa", "the census of 2021, all 1,917"),
        (
            "ahah/AHAH_2019_E08000012_Liverpool.csv",
            "lsoa",
            "the census of 2011 or later, 298 codes",
        ),
    ],
)
def test_census_edition(name: str, kind: str, edition: str) -> None:
    assert classify(OPEN / name, REGISTER).edition(kind) == edition


def test_census_edition_of_2001() -> None:
    path = OPEN / "lsoa_lookups/LSOA01_LSOA11_LAD11.csv"
    found = classify(path, REGISTER, column="LSOA01CD")
    assert found.edition("lsoa") == "the census of 2001, all 32,482"
    assert found.edition("wales_lsoa") == "the census of 2001, all 1,896"


def test_other_countries_and_levels_are_counted() -> None:
    found = classify(OPEN / "population/ukmidyearestimates20182019ladcodes.xls", REGISTER)
    assert found.table_name == "ukmidyearestimates20182019ladcodes.xls, sheet MYE2-All"
    assert dict(found.kinds.select("kind", "codes").iter_rows()) == {
        "lad": 317,
        "scotland_lad": 32,
        "county": 32,
        "wales_lad": 22,
        "northern_ireland_lad": 11,
        "region": 9,
        "country": 4,
        "group_of_countries": 3,
    }


def test_a_mixed_look_up_is_split() -> None:
    path = OPEN / "google_mobility/google_mobility_lad_lookup_200903.csv"
    split = split_rows(path, REGISTER)
    assert split.height == 418
    old = split.filter(segment_last_day=date(2019, 3, 31))
    assert old["lad_code"].to_list() == ["E07000190", "E07000191", "E07000205", "E07000206"]
    # The file marks the same four rows itself.
    assert set(old["flag_2018"]) == {"TRUE"}
    assert set(split.filter(pl.col("flag_2018") == "TRUE")["lad_code"]) == set(old["lad_code"])


def test_a_file_whose_vintage_follows_its_dates() -> None:
    path = OPEN / "labour/ESS_business-demography.csv"
    found = classify(path, REGISTER)
    assert found.dates is not None
    assert (found.dates.column, found.dates.not_live.height) == ("period", 0)
    split = split_rows(path, REGISTER).filter(pl.col("lad_code").is_not_null())
    spans = split.group_by("segment").agg(
        pl.col("segment_first_day").first(), pl.col("lad_code").n_unique()
    )
    assert spans.sort("segment").rows() == [(1, LAD13.first_day, 326), (2, LAD21.first_day, 309)]
    assert split["live_on_date"].all()


def test_a_file_of_one_vintage_whatever_its_dates() -> None:
    path = OPEN / "cases/ukc19_ltla_cases.csv"
    found = classify(path, REGISTER)
    assert found.dates is not None
    # Counted another way: the rows of a code that are dated after its last day.
    rows = pl.read_csv(path, infer_schema=False).join(REGISTER.areas, on="code")
    after = rows.filter(pl.col("date").str.to_date() > pl.col("end_date"))
    assert int(found.dates.not_live["rows"].sum()) == after.height == 16_534
    assert found.dates.rows == rows.height


def test_names_of_every_public_list_of_a_day() -> None:
    for name, code, label, day in (
        ("LAD_to_Region_Dec2018.csv", "LAD18CD", "LAD18NM", date(2018, 12, 31)),
        ("lookup_ltla20_region20.csv", "ltla20_code", "ltla20_name", date(2020, 12, 31)),
        ("lookup_ltla23_region23.csv", "ltla23_code", "ltla23_name", date(2023, 12, 31)),
    ):
        table = pl.read_csv(OPEN / "area_codes" / name, infer_schema=False)
        found = match_names(table[label], REGISTER, day)
        codes = dict(found.select("text", "code").iter_rows())
        assert [codes[text] for text in table[label]] == table[code].to_list()


def test_official_names_of_councils() -> None:
    # "Barnsley Metropolitan Borough Council", "London Borough of Brent", "Durham County Council".
    path = OPEN / "area_codes/mysociety_uk_local_authorities_current.csv"
    table = pl.read_csv(path, infer_schema=False).filter(
        pl.col("gss-code").is_in(REGISTER.live_on(date(2021, 4, 1))["code"].implode())
    )
    assert table.height == 309
    found = match_names(table["official-name"], REGISTER, date(2021, 4, 1))
    codes = dict(found.select("text", "code").iter_rows())
    wrong = {
        name: codes[name]
        for name, code in table.select("official-name", "gss-code").iter_rows()
        if codes[name] != code
    }
    assert wrong == {}


def test_districts_of_the_price_paid_data() -> None:
    texts = read_values(OPEN / "housing/pricepaid_RG30_1995-2023.csv", "column_13")
    found = match_names(texts, REGISTER, date(2023, 4, 1))
    assert dict(found.select("text", "code").iter_rows()) == {
        "BRACKNELL FOREST": "E06000036",
        "GLOUCESTER": "E07000081",
        "NEWBURY": "E06000037",
        "READING": "E06000038",
        "SOUTH GLOUCESTERSHIRE": "E06000025",
        "WEST BERKSHIRE": "E06000037",
        "WEST OXFORDSHIRE": "E07000181",
        "WINDSOR AND MAIDENHEAD": "E06000040",
        "WOKINGHAM": "E06000041",
    }

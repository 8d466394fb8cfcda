"""Districts' own files: staged to the row, with the planted traps; centres and events besides."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from made_places import few_districts, made_once

SOURCES = (
    "local_community_survey",
    "local_council_tax",
    "local_electoral_register",
    "local_gp_registrations",
    "local_interpreters",
    "local_police_antisocial_behaviour",
    "local_police_hate_incidents",
    "local_social_housing",
    "local_voluntary_sector",
)


def trap(source: str, kind: str) -> dict[str, Any]:
    found = [each for each in made_once(source).truth["traps"] if each["kind"] == kind]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("source", SOURCES)
def test_rejected_rows_are_the_planted_ones(source: str) -> None:
    done = made_once(source)
    mess = done.truth["mess"]
    planted = [each["row_numbers"] for each in mess["planted"].values() if each["rejects"]]
    wanted = sorted(number + 1 for each in planted for number in each)  # The header is line 1.
    assert done.staged.rejected["line"].sort().to_list() == wanted
    assert done.staged.report["rows_in"] == mess["rows"]


def test_dwellings_are_the_households_and_one_band_has_almost_all() -> None:
    done = made_once("local_council_tax")
    where = trap("local_council_tax", "dominant_class")["where"]
    own = done.table.filter(pl.col("area_code") == where["area_code"])
    shares = dict(own.select("band", pl.col("dwellings") / pl.col("dwellings").sum()).iter_rows())
    assert shares[where["band"]] >= 0.95


def test_two_tables_differ_by_one_record() -> None:
    whole, part = trap("local_social_housing", "differs_by_one")["where"]
    wide = (
        made_once("local_social_housing")
        .table.pivot(on="measure", index=["area_code", "period"], values="households")
        .drop_nulls([whole, part])
    )
    differences = dict((wide[whole] - wide[part]).value_counts().iter_rows())
    assert set(differences) == {0, 1}
    one = wide.filter(pl.col(whole) != pl.col(part))
    assert one["area_code"].n_unique() == 1


def test_a_part_of_a_merged_area_is_published_beside_it() -> None:
    where = trap("local_electoral_register", "part_of_a_merged_area")["where"]
    assert where == {"period": "2020-12-01", "part": "E07000004", "whole": "E06000060"}
    table = made_once("local_electoral_register").table
    codes = set(table.filter(pl.col("period").dt.year() == 2020)["area_code"])
    assert {"E07000004", "E06000060"} <= codes
    assert not {"E07000005", "E07000006", "E07000007"} & codes


def test_the_same_patients_are_counted_twice() -> None:
    bands, sexes = trap("local_gp_registrations", "repeated_quantity")["where"]
    table = made_once("local_gp_registrations").table
    sums = [
        table.filter(pl.col("group").is_in(names))["patients"].sum() for names in (bands, sexes)
    ]
    assert sums[0] == pytest.approx(sum(few_districts().population), rel=0.02)
    assert sums[1] == pytest.approx(sums[0], rel=0.02)  # Some rows are spoilt.


def test_cells_are_small_where_incidents_are_rare() -> None:
    assert "of 1 to 9" in trap("local_police_hate_incidents", "small_cells")["what"]
    counts = made_once("local_police_hate_incidents").table["incidents"]
    assert counts.is_between(1, 9).sum() > 100


def test_answers_are_weighted_to_the_adults_of_the_district() -> None:
    table = made_once("local_community_survey").table
    one = table.filter(pl.col("question") == "Satisfied with the area")
    adults = sum(int(each.by_age[:, :, 18:].sum()) for each in few_districts().districts())
    assert one["weight"].sum() == pytest.approx(adults, rel=0.02)
    general = table.filter(pl.col("question") == "Has a general practice")["answer"].drop_nulls()
    assert (general == "Yes").mean() >= 0.95


def test_retail_centres_lie_in_their_lsoas_on_the_national_grid() -> None:
    import shapely

    done = made_once("retail_centres")
    table = done.table.with_columns(code=pl.col("retail_centre_id").str.slice(-9))
    both = table.join(few_districts().places, on="code")
    assert both.height == table.height >= 8
    middle = shapely.centroid(shapely.from_wkb(both["geometry"].to_numpy()))
    far = both.with_columns(
        away=(
            (pl.Series(shapely.get_x(middle)) - pl.col("easting")) ** 2
            + (pl.Series(shapely.get_y(middle)) - pl.col("northing")) ** 2
        ).sqrt()
        / (pl.col("hectares") * 10_000).sqrt()
    )
    assert far["away"].max() < 1
    assert done.truth["planted"]["centres"] == dict(
        table["classification"].value_counts().iter_rows()
    )


def test_policy_events_are_the_periods() -> None:
    table = made_once("policy_events").table
    assert table.height == made_once("policy_events").truth["planted"]["events"]
    assert (table["end_date"] >= table["start_date"]).all()
    assert table["note"].str.ends_with("(synthetic)").all()

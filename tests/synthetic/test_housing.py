"""Sales are drawn around the planted market, and what is published of it is that market."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.stats import binom

from lds.sources.contract import contract_path, load_contract
from lds.synthetic.england.housing import RESIDENTIAL, TYPES, Market, months_of
from lds.synthetic.england.tables import districts_on
from lds.synthetic.sources.price_paid import REPORTED, registry_name
from lds.synthetic.standin import make_stand_in
from made_places import Made, few_districts, made_once, raw_bytes, small_contract

SCALE = 0.05
COMPLETE, UPDATE = (
    "pp-complete.synthetic.csv",
    "pp-monthly-update-new-version.synthetic.csv",
)


@cache
def sales() -> Made:
    return made_once("price_paid", SCALE)


def test_rejected_rows_are_the_planted_ones() -> None:
    rejected, account = sales().staged.rejected, sales().truth["mess"]
    for name in (COMPLETE, UPDATE):
        planted = [each for each in account[name]["planted"].values() if each["rejects"]]
        wanted = sorted(number for each in planted for number in each["row_numbers"])
        found = rejected.filter(pl.col("file") == name)["line"].sort().to_list()
        assert found == wanted
    assert sum(each["rejected"] for each in account.values()) == rejected.height > 0
    assert sales().staged.report["rows_in"] == sum(each["rows"] for each in account.values())


def test_mess_that_is_let_in_is_counted() -> None:
    account = sales().truth["mess"]
    planted = Counter[str]()
    for each in account.values():
        planted.update({kind: mess["rows"] for kind, mess in each["planted"].items()})
    postcodes = sales().table["postcode"]
    assert postcodes.null_count() == planted["no_postcode"]
    assert postcodes.str.starts_with("ZZ99").sum() == planted["unknown_postcode"] > 0


def test_nothing_of_an_address_is_there_but_a_postcode() -> None:
    table = sales().table
    for name in ("paon", "saon", "street", "locality"):
        assert table[name].null_count() == table.height
    assert table["town"].unique().to_list() == ["SYNTHETIC"]
    assert table["transaction_id"].str.starts_with("{SYNTHETIC-").all()


def test_districts_are_named_as_they_were_called() -> None:
    table = sales().table.with_columns(merged=pl.col("date") >= date(2020, 4, 1))
    names = (
        set(table.filter("merged")["district"]),
        set(table.filter(~pl.col("merged"))["district"]),
    )
    parts = {"AYLESBURY VALE", "CHILTERN", "SOUTH BUCKS", "WYCOMBE"}
    assert "BUCKINGHAMSHIRE" in names[0]
    assert not parts & names[0]
    assert parts <= names[1]
    assert registry_name("Bristol, City of") == "CITY OF BRISTOL"
    assert registry_name("St. Helens") == "ST HELENS"


def test_only_the_update_has_changes_and_deletions() -> None:
    table = sales().table.with_columns(update=pl.col("date") >= date(2021, 1, 1))
    assert table.filter(~pl.col("update"))["record_status"].unique().to_list() == ["A"]
    assert set(table.filter("update")["record_status"]) == {"A", "C", "D"}


def test_sales_fall_in_the_lockdown_and_are_as_many_as_expected() -> None:
    by_month = dict(sales().table.group_by(pl.col("date").dt.strftime("%Y-%m")).len().iter_rows())
    expected = sales().truth["planted"]["sales"]["expected_by_month"]
    assert set(by_month) == set(expected)
    whole = sum(expected.values())
    assert sum(by_month.values()) == pytest.approx(whole, abs=5 * whole**0.5)
    for month in ("2020-04", "2020-10"):
        assert by_month[month] == pytest.approx(expected[month], abs=5 * expected[month] ** 0.5)
    assert by_month["2020-04"] < 0.6 * by_month["2019-04"]


def test_types_are_mixed_as_planted() -> None:
    lads, place = districts_on(few_districts(), REPORTED)
    hackney = sales().table.filter(
        pl.col("district") == "HACKNEY", pl.col("date").dt.year() == 2019
    )
    planted = sales().truth["planted"]["sales"]["type_shares"]["E09000012"]
    flats = hackney["property_type"].eq("F").mean()
    assert flats == pytest.approx(planted["F"], abs=4 * (0.25 / hackney.height) ** 0.5)
    assert planted["F"] > sales().truth["planted"]["sales"]["type_shares"]["E07000131"]["F"]
    assert len(place) > lads.height


def test_planted_medians_divide_the_sales_in_halves() -> None:
    """Each count of sales below the planted median is one of a fair coin's: 95 % intervals hold."""
    inside = counted = 0
    luck = np.random.default_rng(11)
    contract = small_contract("price_paid", rounded_to=1, mess={})
    for seed in range(18):
        england = few_districts(seed)
        stand_in = make_stand_in(england, contract, 0.02)
        medians = stand_in.truth["planted"]["median_prices"]
        table = pl.concat(stand_in.files[0].frames)
        lads, place = districts_on(england, REPORTED)
        codes = dict(zip(england.recipe.districts["code"], lads["code"].gather(place), strict=True))
        rows = table.select(
            code=pl.col("Transaction unique identifier").str.slice(11, 9).replace_strict(codes),
            kind="Property Type",
            year=pl.col("Date of Transfer").str.slice(0, 4),
            price="Price",
        )
        for (code, kind, year), own in rows.group_by("code", "kind", "year", maintain_order=True):
            below = int((own["price"] < medians[code][kind][year]).sum())
            # Between steps of the distribution at random, so that small counts are no exception.
            step = luck.random() * binom.pmf(below, own.height, 0.5)
            inside += 0.025 <= binom.cdf(below - 1, own.height, 0.5) + step <= 0.975
            counted += 1
    assert counted >= 2_000
    assert 0.93 <= inside / counted <= 0.97


def test_medians_of_mixtures_are_those_of_a_second_computation() -> None:
    market = Market(few_districts())
    months, own = months_of(2018), np.arange(8)
    found = market.quantile(0.5, months, own, TYPES)
    draw = np.random.default_rng(7)
    district = 6
    weights = (market.mix[district][:, None] * market.expected_sales(months)[district]).ravel()
    cell = draw.choice(len(weights), 200_000, p=weights / weights.sum())
    means = market.log_prices(months)[district].ravel()[cell]
    prices = np.exp(means + market.spreads[cell // 12] * draw.normal(size=len(cell)))
    assert np.median(prices) == pytest.approx(found[district], rel=0.01)


def test_districts_have_the_median_price_of_the_recipe() -> None:
    england = few_districts()
    found = Market(england).quantile(0.5, months_of(2019), np.arange(8))
    assert found == pytest.approx(england.recipe.districts["median_price"].to_numpy(), rel=1e-6)


@pytest.mark.parametrize(
    "source", ["housing_affordability", "housing_affordability_ratio", "median_house_prices"]
)
def test_published_figures_keep_their_contracts(source: str) -> None:
    assert made_once(source).staged.report["rows_rejected"] == 0


def test_workbooks_hang_together() -> None:
    table = made_once("housing_affordability").table
    assert set(table["dwellings"]) == {"all", "existing", "new"}
    wide = table.pivot(on="measure", index=["lad_code", "year", "dwellings"], values="value")
    assert wide.height == 19 * 3 * table["lad_code"].n_unique()
    given = wide.drop_nulls()
    ratio = given["median_price"] / given["median_earnings"]
    assert (ratio - given["median_ratio"]).abs().max() < 0.006
    assert (given["lower_quartile_price"] < given["median_price"]).all()
    priced = given.pivot(
        on="dwellings", index=["lad_code", "year"], values="median_price"
    ).drop_nulls()
    assert (priced["new"] > priced["existing"]).mean() > 0.9
    scilly = table.filter(pl.col("lad_code") == "E06000053", pl.col("measure") == "median_earnings")
    assert (scilly["value_mark"] == "unreliable").all()


def test_all_published_prices_are_of_one_market() -> None:
    books = made_once("housing_affordability").table.filter(
        pl.col("dwellings") == "all", pl.col("year") == 2019, pl.col("measure") == "median_price"
    )
    series = made_once("median_house_prices").table.filter(pl.col("period") == "Dec 2019")
    both = books.join(series, on="lad_code")
    assert both.height >= 4
    assert both["value"].to_list() == both["median_price"].to_list()
    ratios = made_once("housing_affordability_ratio").table
    assert "5-year average" in set(ratios["period"])
    harborough = ratios.filter(pl.col("lad_code") == "E07000131", pl.col("period") == "2019")
    pay = few_districts().recipe.districts.filter(pl.col("code") == "E07000131")
    expected = pay["median_price"][0] / (52 * pay["weekly_pay"][0])
    assert harborough["ratio"][0] == pytest.approx(expected, abs=0.006)


def test_trends_of_types_are_those_planted() -> None:
    planted = sales().truth["planted"]["housing"]["types"]
    medians = sales().truth["planted"]["median_prices"]["E06000016"]
    for one, other in product(RESIDENTIAL, repeat=2):
        found = np.log(medians[one]["2020"] / medians[one]["2015"])
        found -= np.log(medians[other]["2020"] / medians[other]["2015"])
        gap = planted[one]["growth"] - planted[other]["growth"]
        assert found == pytest.approx(5 * gap, abs=2e-3)


def test_the_seed_gives_the_bytes(tmp_path: Path) -> None:
    contract = replace(
        load_contract(contract_path("price_paid")),
        synthetic={**load_contract(contract_path("price_paid")).synthetic, "scale": 0.002},
    )
    first = raw_bytes(few_districts(), contract, tmp_path / "a")
    assert raw_bytes(few_districts(), contract, tmp_path / "b") == first
    assert raw_bytes(few_districts(2), contract, tmp_path / "c") != first
    assert set(first) == {COMPLETE, UPDATE}
    books = small_contract("housing_affordability")
    assert raw_bytes(few_districts(), books, tmp_path / "d") == raw_bytes(
        few_districts(), books, tmp_path / "e"
    )

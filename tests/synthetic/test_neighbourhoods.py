"""Measures of small areas: ranks follow scores, files agree, and what was planted is there."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.stats import spearmanr

from lds.synthetic.england.measures import Measures, valued
from lds.synthetic.sources.place_statistics import qualifications
from made_places import few_districts, made_once, small_contract

SOURCES = (
    *("imd", "imd_scores", "imd_subdomains", "imd_indicators", "imd_lad"),
    *("ahah", "iuc", "iuc_digital_vulnerability"),
)
DOMAINS = ("income", "employment", "education", "health", "crime", "housing_and_access")


@pytest.mark.parametrize("source", SOURCES)
def test_no_row_is_rejected(source: str) -> None:
    report = made_once(source).staged.report
    assert report["rows_rejected"] == 0
    assert report["columns_ignored"] == ["synthetic"]


@pytest.mark.parametrize("domain", [*DOMAINS, "environment", "idaci", "idaopi"])
def test_ranks_and_tenths_follow_scores(domain: str) -> None:
    table = made_once("imd_scores").table.sort(f"{domain}_rank")
    assert table[f"{domain}_rank"].to_list() == list(range(1, table.height + 1))
    assert table[f"{domain}_score"].is_sorted(descending=True)
    assert table[f"{domain}_decile"].is_sorted()
    assert table[f"{domain}_decile"].n_unique() == 10


def test_files_of_the_indices_agree() -> None:
    scores, ranks = made_once("imd_scores").table, made_once("imd").table
    shared = [name for name in ranks.columns if name in scores.columns]
    assert ranks.equals(scores.select(shared))
    parts = made_once("imd_subdomains").table
    for domain in ("education", "housing_and_access", "environment"):
        assert (parts[f"{domain}_rank"] == ranks[f"{domain}_rank"]).all()


def test_numbers_of_people_are_the_rates_of_the_same_people() -> None:
    scores = made_once("imd_scores").table
    people = made_once("imd_indicators").table
    children = scores["idaci_score"] * scores["children"]
    found = people["idaci_numerator"]
    given = found.is_not_null()
    assert ((found - children).abs().filter(given) <= 2.5 + 1e-9).all()
    assert (children.filter(~given) < 10).all()
    assert (found.filter(given) % 5 == 0).all()
    populations = (
        made_once("population_lsoa").table.group_by("lsoa_code").agg(pl.col("population").sum())
    )
    both = scores.join(populations, on="lsoa_code")
    assert (both["total_population"] == both["population"]).all()


def test_districts_have_the_mean_of_their_people() -> None:
    scores, lads = made_once("imd_scores").table, made_once("imd_lad").table
    weighted = (pl.col("health_score") * pl.col("total_population")).sum()
    expected = (
        scores.group_by("lad_code")
        .agg(
            (weighted / pl.col("total_population").sum()).alias("health"),
            worst=(pl.col("imd_decile") == 1).mean(),
        )
        .join(lads, on="lad_code")
    )
    assert expected["health"].to_list() == pytest.approx(
        expected["health_score"].to_list(), abs=1e-3
    )
    assert expected["worst"].to_list() == pytest.approx(expected["proportion"].to_list(), abs=1e-4)
    assert (lads["extent"] >= lads["proportion"] * 0.5).all()


def test_planted_correlations_are_found() -> None:
    scores = made_once("imd_scores").table
    planted = made_once("imd_scores").truth["planted"]["deprivation_domains"]
    for domain in ("income", "crime", "health"):
        found = spearmanr(scores["imd_score"], scores[f"{domain}_score"])[0]
        assert found == pytest.approx(planted[domain]["with"]["deprivation"], abs=0.15)


def test_health_services_are_farther_where_fewer_live() -> None:
    table = made_once("ahah").table
    density = few_districts().places.select(lsoa_code="code", density="density")
    both = table.join(density, on="lsoa_code")
    assert spearmanr(both["density"], both["h_rank"])[0] < -0.5
    assert spearmanr(both["gpp_dist"], both["h_rank"])[0] > 0.5
    assert (both["h_dec"] == (both["h_rank"] - 1) * 10 // both.height + 1).all()
    assert both.sort("r_ahah")["ahah"].is_sorted()


def test_groups_of_internet_users_go_with_what_lives_there() -> None:
    table = made_once("iuc").table
    assert table["group_code"].n_unique() == 10
    scores = few_districts().places.select(lsoa_code="code", score="score")
    mean = dict(
        table.join(scores, on="lsoa_code")
        .group_by("group_code")
        .agg(pl.col("score").mean())
        .iter_rows()
    )
    assert mean["10"] > mean["2"]  # e-Withdrawn, e-Professionals


def test_values_have_the_centre_and_spread_of_their_recipe() -> None:
    z = np.random.default_rng(1).normal(size=20_001)
    z -= np.median(z)
    recipe = {"centre": 0.2, "spread": 0.5, "decimals": 6}
    for form in ("normal", "log", "share"):
        assert np.median(valued(z, {**recipe, "form": form})) == pytest.approx(0.2, abs=1e-4)
    logs = np.log(valued(z, {**recipe, "form": "log"}))
    assert logs.std() == pytest.approx(0.5, rel=0.02)


def test_a_measure_is_the_same_whatever_else_is_made() -> None:
    england = few_districts()
    alone = Measures(england).make("quiet", {"deprivation": 0.3})
    beside = Measures(england)
    beside.make("loud", {"density": 0.5})
    assert (beside.make("quiet", {"deprivation": 0.3}) == alone).all()


def test_intervals_of_qualifications_cover_the_planted_share() -> None:
    inside = counted = 0
    contract = small_contract("education", withheld_below=0)
    for seed in range(12):
        truth: dict[str, dict[str, float]] = {}
        found = qualifications(Measures(few_districts(seed)), contract, truth)
        for row in found.iter_rows(named=True):
            share = truth[row["period"]][row["area_code"]]
            inside += row["lower_95"] - 0.05 <= share <= row["upper_95"] + 0.05
            counted += 1
    assert counted >= 2_000
    assert 0.93 <= inside / counted <= 0.97


def test_small_districts_are_withheld() -> None:
    table = made_once("education").table
    small = table.filter(pl.col("area_code") == "E06000053")
    assert small["value"].null_count() == small.height
    assert (small["status"] == "x").all()
    attainment = made_once("education_key_stage_2")
    marks = attainment.staged.report["marks"]
    assert marks == {"reaching_expected_standard": {"withheld": 3}}


def test_pupils_are_the_children_of_the_population() -> None:
    pupils = dict(
        made_once("education_key_stage_4")
        .table.filter(pl.col("time_period") == "201819")
        .select("lad_code", "pupils")
        .iter_rows()
    )
    children = made_once("population_lad").table.filter(pl.col("age") == "15")
    assert pupils == dict(children.select("lad_code", "population").iter_rows())


def test_journeys_are_by_the_codes_of_2011_with_regions_and_england() -> None:
    done = made_once("journey_time")
    planted = done.truth["planted"]["driving"]
    table = done.table.filter(pl.col("mode") == "driving", pl.col("period") == "2019")
    assert dict(table.select("area_code", pl.col("value").round(4)).iter_rows()) == planted
    assert {"E92000001", "E12000008", "E07000004"} <= set(planted)
    assert "E06000060" not in planted

"""Human mobility: how visits to six kinds of place changed in 2020 and 2021, and the tiers.

Every indicator of the topic, HM-I1 to HM-I9, as rows of one table; the page is in `page`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial

import polars as pl

from lds.areas import lads_only
from lds.statistics.periods import period_days
from lds.topics.human_mobility import TOPIC
from lds.topics.human_mobility.daily import (
    bank_holidays,
    comparator_values,
    day_rows,
    district_values,
    on_days_of,
)
from lds.topics.human_mobility.period_values import (
    as_first_published,
    period_values,
    weekday_values,
)
from lds.topics.human_mobility.tiers import population_by_tier, tiers
from lds.topics.rows import indicator_rows

_percent = partial(indicator_rows, topic=TOPIC, unit="%")


def _window(source: pl.DataFrame) -> tuple[date, date]:
    first, last = source["date"].min(), source["date"].max()
    if not isinstance(first, date) or not isinstance(last, date):
        raise TypeError("the harmonised mobility table has no dates")
    return first, last


def _mobility(
    source: pl.DataFrame, areas: pl.DataFrame, resources: Mapping[str, pl.DataFrame]
) -> Iterator[pl.DataFrame]:
    window = _window(source)
    periods = resources["policy_periods"]
    daily = district_values(source, window)
    comparators = comparator_values(daily, lads_only(areas))
    yield _percent(day_rows(daily), indicator="HM-I1", statistic="change")
    yield _percent(day_rows(comparators["england"]), indicator="HM-I2", statistic="change")
    yield _percent(day_rows(comparators["region"]), indicator="HM-I3", statistic="change")
    for series in (daily, *comparators.values()):
        holidays = bank_holidays(series, resources["bank_holidays"])
        yield _percent(holidays, indicator="HM-I7", statistic="change")
    valid = daily.filter(pl.col("value").is_not_null()).join(
        areas.select(pl.col("code").alias("area"), "region_code"), on="area"
    )
    regions = comparators["region"].rename({"area": "region_code"})
    in_one_region = valid.filter(pl.col("region_code").is_not_null())
    series_of = {
        "self": daily,
        "region": on_days_of(in_one_region, regions, ["region_code"]),
        "england": on_days_of(valid, comparators["england"], []),
    }
    days = period_days(periods, window)
    names = {"self": "HM-I4", "region": "HM-I5", "england": "HM-I6"}
    for comparator, series in series_of.items():
        values = period_values(series, days, comparator)
        yield _percent(values, indicator=names[comparator], statistic="median_change")
        by_weekday = weekday_values(series, days, comparator)
        yield _percent(by_weekday, indicator="HM-I8", statistic="weekday_median_change")
    published = periods.select(
        "id",
        pl.col("first_published_start").alias("start"),
        pl.col("first_published_end").alias("end"),
    )
    plain = as_first_published(daily, period_days(published, window))
    yield _percent(plain, indicator="HM-I4", statistic="plain_median_change")


def indicators(
    harmonised: Mapping[str, pl.DataFrame],
    areas: pl.DataFrame,
    resources: Mapping[str, pl.DataFrame],
) -> pl.DataFrame:
    """Compute HM-I1 to HM-I9.

    Parameters
    ----------
    harmonised : ``google_mobility`` with the columns of ``tables/harmonised_change.yaml`` and
        ``lockdown_tiers`` with those of ``tables/harmonised_category.yaml``.
    areas : LADs of the vintage and custom areas: ``code, kind, region_code, population``. Custom
        areas have rows like LADs, but no share in comparators; one in several regions has no
        ``region`` comparator.
    resources : ``policy_periods``: ``id, start, end`` (the day after the last) and the same two as
        first published; ``bank_holidays``: ``id, date``.

    Returns
    -------
    Rows of ``workflow/schemas/tables/indicators.yaml``. Changes are per cent; comparators are means
    over LADs weighted by population; their period values rest on the same days as the LAD's own.
    """
    tier_rows = tiers(harmonised["lockdown_tiers"])
    shares = population_by_tier(tier_rows, lads_only(areas))
    return pl.concat(
        [
            *_mobility(harmonised["google_mobility"], areas, resources),
            indicator_rows(
                tier_rows, topic=TOPIC, indicator="HM-I9", statistic="tier", unit="tier"
            ),
            _percent(shares, indicator="HM-I9", statistic="population_share"),
        ]
    )

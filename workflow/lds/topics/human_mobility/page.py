"""The page of Human mobility: figures, sentences and tables from the released table alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import polars as pl

from lds.areas import LAD, lads_only
from lds.io import RESOURCES, read_yaml
from lds.reports.content import Content, Figure, Section
from lds.statistics.periods import centred_mean
from lds.topics import ENGLAND
from lds.topics.human_mobility import TOPIC
from lds.topics.human_mobility import sentences as say
from lds.topics.human_mobility.context import SERIES, Context, side_by_side
from lds.topics.human_mobility.period_figures import PeriodFigures
from lds.topics.human_mobility.recovery import lowest, with_recovery
from lds.topics.human_mobility.standing import Standing
from lds.topics.human_mobility.tier_figures import TierFigures
from lds.topics.human_mobility.trend_figures import SMOOTHING_DAYS, TrendFigures

SMOOTHING_MINIMUM = 6
"""One missing day in seven; with two, a blank weekend would bend the line."""


class Pages:
    """The pages of all districts and custom areas, made from one released table.

    Parameters
    ----------
    table : the released table of the topic (columns of ``tables/indicators.yaml``), unread: each
        district's rows are read when it is asked for, so that a process stays small.
    areas : ``code, kind, name, region_code, region_name, members`` of the LADs and custom areas.
    resources : ``policy_periods`` and ``bank_holidays``.
    reference : ``neighbours`` (``code, neighbour``) and ``boundaries_lads``.
    """

    def __init__(
        self,
        *,
        table: pl.LazyFrame,
        areas: pl.DataFrame,
        resources: Mapping[str, pl.DataFrame],
        reference: Mapping[str, pl.DataFrame],
        release_id: str,
        synthetic: bool,
    ) -> None:
        labels = read_yaml(RESOURCES / f"{TOPIC}.yaml")
        self._methods = [
            (card["title"], [(term, str(text)) for term, text in card["rows"].items()])
            for card in labels["methods"]
        ]
        self._areas = {row["code"]: row for row in areas.iter_rows(named=True)}
        self._table = table
        # England's and the regions' rows serve many districts; a district's own serve one.
        self._rows_of = lru_cache(maxsize=16)(self._read)
        self._daily_of = lru_cache(maxsize=16)(self._daily)
        days = self._rows_of(ENGLAND).filter(pl.col("indicator") == "HM-I2")["start"]
        window: tuple[date, date] = (days.min(), days.max())  # type: ignore[assignment]
        self._context = Context(
            measures=labels["measures"],
            headline=labels["headline"],
            periods=resources["policy_periods"],
            window=window,
            marks={"release": release_id, "synthetic": str(synthetic).lower()},
        )
        self._labels = self._context.labels
        self._order = {name: place for place, name in enumerate(self._labels)}
        names = {code: row["name"] for code, row in self._areas.items()}
        self._standing = Standing.of(
            table,
            self._context.headline["measure"],
            self._context.headline["period"],
            lads_only(areas)["code"].to_list(),
        )
        self._trends = TrendFigures(self._context, self._standing, names)
        self._periods = PeriodFigures(self._context, resources["bank_holidays"])
        self._tiers = TierFigures(self._context, self._tier_rows(), areas, reference)

    def _read(self, code: str) -> pl.DataFrame:
        """Read the released rows about one area, in the order of the table."""
        return self._table.filter(pl.col("area") == code).collect()

    def _tier_rows(self) -> pl.DataFrame:
        """Read HM-I9 of all areas: a district's figure shows its neighbours too."""
        return self._table.filter(pl.col("indicator") == "HM-I9").collect()

    def _daily(self, code: str) -> dict[str, pl.DataFrame]:
        """Return the daily series of one area by measure, each with its smoothed line."""
        rows = self._rows_of(code)
        daily = rows.filter((pl.col("period") == "day") & (pl.col("statistic") == "change"))
        smoothed = centred_mean(
            daily.select(
                "measure", pl.col("start").alias("date"), "value", "mark", "coverage"
            ).sort("measure", "date"),
            ["measure"],
            window=SMOOTHING_DAYS,
            at_least=SMOOTHING_MINIMUM,
        )
        return _by_measure(smoothed)

    def content(self, code: str) -> Content:
        """Return the content of one district or custom area that has data."""
        area = self._areas[code]
        names = {"self": area["name"], "region": area["region_name"], "england": "England"}
        if area["region_code"] is None:
            del names["region"]
        daily = {voice: self._daily_of(each) for voice, each in self._voices(code).items()}
        periods = self._period_table(code)
        figures = self._figures(code, names, daily, periods)
        sections = self._sections(code, figures)
        return Content(
            period=self._context.window,
            summary=say.summary(facts := self._facts(code, names, daily, periods)),
            key_figures=say.key_figures(facts),
            sections=sections,
            figures=[figures[name] for section in sections for name in section.figures],
            methods=self._methods,
            data=self._data(code),
        )

    def _voices(self, code: str) -> dict[str, str]:
        """Return the code of each voice: the area, the region that it lies in, if one, England."""
        region = self._areas[code]["region_code"]
        return {"self": code, **({"region": region} if region else {}), "england": ENGLAND}

    def _strip(self, code: str, periods: pl.DataFrame) -> Figure:
        if self._areas[code]["kind"] == LAD:
            return self._trends.standing(code)
        headline = self._context.headline
        own = periods.filter(
            pl.col("measure") == headline["measure"], pl.col("period") == headline["period"]
        )["self"]
        return self._trends.beside(code, own[0] if own.len() else None)

    def _figures(
        self,
        code: str,
        names: Mapping[str, str],
        daily: Mapping[str, Mapping[str, pl.DataFrame]],
        periods: pl.DataFrame,
    ) -> dict[str, Figure]:
        by_measure = _by_measure(periods)
        rows = self._rows_of(code)
        weekdays = self._by_period(
            rows.filter(pl.col("statistic") == "weekday_median_change"), ["n", "days"]
        )
        areas = self._voices(code)
        holidays = {
            voice: self._rows_of(area).filter(pl.col("period") == "bank_holiday")
            for voice, area in areas.items()
        }
        figures = [
            self._strip(code, periods),
            *(
                self._trends.trend(
                    measure,
                    names,
                    {key: series[measure["id"]] for key, series in daily.items()},
                    by_measure[measure["id"]],
                )
                for measure in self._context.measures
            ),
            self._periods.panels(names, periods),
            self._periods.weekdays(names, weekdays),
            self._periods.holidays(names, holidays),
            *self._tiers.figures(code, names),
        ]
        return {figure.id: figure for figure in figures}

    def _sections(self, code: str, figures: Mapping[str, Figure]) -> list[Section]:
        area = self._areas[code]
        sections = [
            Section(
                id="among_districts",
                title=f"{area['name']} {'among' if area['kind'] == LAD else 'beside'} the districts"
                " of England",
                note=None,
                figures=["standing"],
            ),
            *(
                Section(
                    id=measure["id"],
                    title=measure["label"],
                    note=measure["places"],
                    figures=[f"trend_{measure['id']}"],
                )
                for measure in self._context.measures
            ),
            Section(
                id="restriction_periods",
                title="Restriction periods",
                note="Periods are those of England. Eat Out to Help Out lies inside the time when"
                " hospitality was open.",
                figures=["periods", "weekdays"],
            ),
            Section(
                id="bank_holidays",
                title="Bank holidays",
                note="Single days, each against the usual figure of its weekday.",
                figures=["holidays"],
            ),
            Section(
                id="local_tiers",
                title="From tiers to the third lockdown",
                note="In December 2020 each district was put into a tier of restrictions; on"
                " 5 January 2021 all of England was told to stay at home.",
                figures=[name for name in ("tiers", "tier_maps") if name in figures],
            ),
        ]
        return [section for section in sections if section.figures]

    def _facts(
        self,
        code: str,
        names: Mapping[str, str],
        daily: Mapping[str, Mapping[str, pl.DataFrame]],
        periods: pl.DataFrame,
    ) -> say.Facts:
        headline, window = self._context.headline, self._context.window
        return say.Facts(
            names=names,
            periods=periods,
            labels=self._labels,
            measures={measure["id"]: measure for measure in self._context.measures},
            headline=headline,
            standing=self._standing,
            code=code,
            lowest={
                voice: lowest(daily[voice][headline["measure"]]) for voice in ("self", "england")
            },
            days=(window[1] - window[0]).days + 1,
            days_with_value={
                measure: series["value"].count() for measure, series in daily["self"].items()
            },
        )

    def _by_period(self, rows: pl.DataFrame, extra: list[str]) -> pl.DataFrame:
        """Return rows with a value of each comparator in one row, in the order of the periods.

        Columns: ``measure, period, breakdown, start, end, self, mark`` and `extra` of the district,
        ``region, england, order``.
        """
        keys = ["measure", "period", "breakdown"]
        voices = {voice: rows.filter(pl.col("comparator") == voice) for voice in SERIES}
        voices["self"] = voices["self"].select(*keys, "start", "end", "value", "mark", *extra)
        order = pl.col("period").replace_strict(self._order, return_dtype=pl.Int64)
        return side_by_side(voices, keys).with_columns(order.alias("order"))

    def _period_table(self, code: str) -> pl.DataFrame:
        """Return one row per measure and period: the three series, ``published, recovered``."""
        rows = self._rows_of(code)
        wide = self._by_period(
            rows.filter(pl.col("statistic") == "median_change"), ["n", "days", "note"]
        )
        published = rows.filter(pl.col("statistic") == "plain_median_change").select(
            "measure", "period", pl.col("value").alias("published")
        )
        joined = wide.join(published, on=["measure", "period"], how="left")
        return with_recovery(joined, self._context.headline["period"]).sort("measure", "order")

    def _data(self, code: str) -> str:
        """Return the district's own rows; the daily comparators stand in the charts' tables."""
        rows = self._rows_of(code)
        return self._context.csv(rows.drop("topic", "numerator", "denominator", "lower", "upper"))


def _by_measure(frame: pl.DataFrame) -> dict[str, Any]:
    parts = frame.partition_by("measure", as_dict=True, maintain_order=True)
    return {str(measure): part for (measure,), part in parts.items()}

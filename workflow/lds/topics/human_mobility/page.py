"""The page of Human mobility: figures, sentences and tables from the released table alone."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import polars as pl

from lds.io import RESOURCES, read_yaml
from lds.reports.content import Content, Section
from lds.statistics.periods import centred_mean
from lds.topics import ENGLAND
from lds.topics.human_mobility import TOPIC
from lds.topics.human_mobility import sentences as say
from lds.topics.human_mobility.figures import SMOOTHING_DAYS, Figures, period_labels

SMOOTHING_MINIMUM = 6
"""One missing day in seven; with two, a blank weekend would bend the line."""


class Pages:
    """The pages of all districts, made from one released table.

    Parameters
    ----------
    table : the released table of the topic (columns of ``tables/indicators.yaml``), unread: each
        district's rows are read when it is asked for, so that a process stays small.
    areas : ``code, name, region_code, region_name`` of the LADs.
    periods : ``id, label, short_label, start, end, band`` (end is the day after the last).
    """

    def __init__(
        self,
        *,
        table: pl.LazyFrame,
        areas: pl.DataFrame,
        periods: pl.DataFrame,
        release_id: str,
        synthetic: bool,
    ) -> None:
        labels = read_yaml(RESOURCES / f"{TOPIC}.yaml")
        self._measures: list[dict[str, str]] = labels["measures"]
        self._headline: dict[str, str] = labels["headline"]
        self._methods = [
            (card["title"], [(term, str(text)) for term, text in card["rows"].items()])
            for card in labels["methods"]
        ]
        self._areas = {row["code"]: row for row in areas.iter_rows(named=True)}
        self._table = table
        # England's and the regions' rows serve many districts; a district's own serve one.
        self._rows_of = lru_cache(maxsize=16)(self._read)
        self._daily_of = lru_cache(maxsize=16)(self._daily)
        days = self._rows_of(ENGLAND)["start"]
        self._window: tuple[date, date] = (days.min(), days.max())  # type: ignore[assignment]
        self._labels = period_labels(periods)
        self._order = {name: place for place, name in enumerate(self._labels)}
        self._standing = say.Standing.of(table, self._headline["measure"], self._headline["period"])
        self._figures = Figures(
            measures=self._measures,
            headline=self._headline,
            names={code: row["name"] for code, row in self._areas.items()},
            periods=periods,
            standing=self._standing,
            window=self._window,
            marks={"release": release_id, "synthetic": str(synthetic).lower()},
        )

    def _read(self, code: str) -> pl.DataFrame:
        """Read the released rows about one area, in the order of the table."""
        return self._table.filter(pl.col("area") == code).collect()

    def _daily(self, code: str) -> dict[str, pl.DataFrame]:
        """Return the daily series of one area by measure, each with its smoothed line."""
        daily = self._rows_of(code).filter(pl.col("period") == "day")
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
        """Return the content of one district that has data."""
        area = self._areas[code]
        names = {"self": area["name"], "region": area["region_name"], "england": "England"}
        daily = {
            "self": self._daily_of(code),
            "region": self._daily_of(area["region_code"]),
            "england": self._daily_of(ENGLAND),
        }
        periods = self._period_table(code)
        by_measure = _by_measure(periods)
        figures = [self._figures.standing(code, names)]
        figures += [
            self._figures.trend(
                measure,
                names,
                {key: series[measure["id"]] for key, series in daily.items()},
                by_measure[measure["id"]],
            )
            for measure in self._measures
        ]
        figures.append(self._figures.periods(names, periods))
        by_id = {figure.id: figure for figure in figures}
        sections = [
            Section(
                id="among_districts",
                title=f"{names['self']} among the districts of England",
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
                for measure in self._measures
            ),
            Section(
                id="restriction_periods",
                title="Restriction periods",
                note="Periods are those of England. Eat Out to Help Out lies inside the time when"
                " hospitality was open.",
                figures=["periods"],
            ),
        ]
        facts = say.Facts(
            names=names,
            periods=periods,
            labels=self._labels,
            measures={measure["id"]: measure for measure in self._measures},
            headline=self._headline,
            standing=self._standing,
            code=code,
            days=(self._window[1] - self._window[0]).days + 1,
            days_with_value={
                measure: series["value"].count() for measure, series in daily["self"].items()
            },
        )
        return Content(
            period=self._window,
            summary=say.summary(facts),
            key_figures=say.key_figures(facts),
            sections=sections,
            figures=[by_id[name] for section in sections for name in section.figures],
            methods=self._methods,
            data=self._data(code),
        )

    def _period_table(self, code: str) -> pl.DataFrame:
        """Return one row per measure and period: the three series side by side, in order."""
        rows = self._rows_of(code).filter(pl.col("period") != "day")
        keys = ["measure", "period", "start", "end", "days"]
        wide = rows.filter(pl.col("comparator") == "self").select(
            *keys, pl.col("value").alias("self"), "mark", "n", "note"
        )
        for name in ("region", "england"):
            other = rows.filter(pl.col("comparator") == name).select(
                "measure", "period", pl.col("value").alias(name)
            )
            wide = wide.join(other, on=["measure", "period"], how="left")
        order = pl.col("period").replace_strict(self._order, return_dtype=pl.Int64)
        return wide.with_columns(order.alias("order")).sort("measure", "order")

    def _data(self, code: str) -> str:
        """Return the district's own rows; the daily comparators stand in the charts' tables."""
        rows = self._rows_of(code)
        return self._figures.csv(rows.drop("topic", "numerator", "denominator", "lower", "upper"))


def _by_measure(frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    parts = frame.partition_by("measure", as_dict=True, maintain_order=True)
    return {str(measure): part for (measure,), part in parts.items()}

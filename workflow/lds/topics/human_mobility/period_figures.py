"""Figures by policy period: all categories on one scale, days of the week, bank holidays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from lds.charts import DotChart, DotPanels, TileChart
from lds.reports.content import Figure, Table
from lds.text import date_range, join_words, long_date
from lds.topics.human_mobility import titles
from lds.topics.human_mobility.context import (
    SERIES,
    Context,
    by_series,
    cell,
    percents,
    side_by_side,
)

AXIS = "Change from baseline, %"


class PeriodFigures:
    """The figures by period of all districts; built once in the process that draws them.

    Parameters
    ----------
    holidays : ``name, date`` of the bank holidays.
    """

    def __init__(self, context: Context, holidays: pl.DataFrame) -> None:
        self._context = context
        self._labels = context.labels
        self._headline = context.measure(context.headline["measure"])
        self._holidays = holidays.select("name", pl.col("date").alias("start"))
        self._panels = DotPanels.build(axis_title=AXIS)
        self._tiles = TileChart.build(scale="diverging", signed=True)
        self._dots = DotChart.build(axis_title=AXIS)

    def panels(self, names: Mapping[str, str], periods: pl.DataFrame) -> Figure:
        """Return every category by period beside region and England, all on one scale.

        Parameters
        ----------
        periods : ``measure, period, start, end, days, n, note, order, self, mark, region, england,
            published, recovered``.
        """
        title = titles.panels_title(periods, self._context.measures, names["self"])
        place = {measure["id"]: number for number, measure in enumerate(self._context.measures)}
        label = {measure["id"]: measure["label"] for measure in self._context.measures}
        frame = by_series(
            periods.select(
                pl.col("measure").replace_strict(label, return_dtype=pl.String).alias("panel"),
                pl.col("measure").replace_strict(place, return_dtype=pl.Int64).alias("panel_order"),
                self._short("row"),
                *("order", *SERIES, "mark"),
            )
        )
        return Figure(
            id="periods",
            kind="panels",
            title=title,
            guide="Median change from baseline in each period, %, every day of the week counting by"
            " its share of the period. All six on one scale.",
            svg=self._panels.render(
                figure_id="periods",
                title=title,
                description="Six panels, one per category: dots for"
                f" {join_words([*names.values()])} in {periods['period'].n_unique()} periods.",
                frame=frame,
                labels=names,
            ),
            note=titles.comparators_note(names),
            table=self._all_measures_table(
                periods,
                "period",
                caption="Change from baseline by period and category, per cent",
                heads=("Period", "Dates"),
                rows=(
                    (period, self._labels[period]["label"], date_range(start, end))
                    for period, start, end in periods.sort("order")
                    .select("period", "start", "end")
                    .unique(maintain_order=True)
                    .iter_rows()
                ),
            ),
            csv=self._context.csv(
                periods.select(
                    "measure",
                    "period",
                    pl.col("start").alias("first_day"),
                    pl.col("end").alias("last_day"),
                    pl.col("self").alias("district_percent"),
                    "mark",
                    *percents(names),
                    pl.col("published").alias("as_first_published_percent"),
                    pl.col("recovered").alias("made_up_percent"),
                    pl.col("n").alias("days_with_a_figure"),
                    "days",
                    pl.col("note").alias("weekdays_without_a_figure"),
                )
            ),
        )

    def _short(self, name: str) -> pl.Expr:
        labels = self._context.short_labels
        return pl.col("period").replace_strict(labels, return_dtype=pl.String).alias(name)

    def _all_measures_table(
        self,
        frame: pl.DataFrame,
        key: str,
        *,
        caption: str,
        heads: tuple[str, str],
        rows: Iterable[tuple[object, str, str]],
    ) -> Table:
        """Return a table of the district's value of every category.

        Parameters
        ----------
        frame : `key`, ``measure, self, mark``.
        heads, rows : the first two columns, and for each row its `key` and its cells there.
        """
        cells: dict[tuple[object, str], str] = {
            (row[key], row["measure"]): cell(row["self"], row["mark"])
            for row in frame.iter_rows(named=True)
        }
        measures = self._context.measures
        return Table(
            caption=caption,
            columns=[
                *((head, False) for head in heads),
                *((measure["label"], True) for measure in measures),
            ],
            rows=[
                [*first, *(cells.get((place, measure["id"]), "x") for measure in measures)]
                for place, *first in rows
            ],
        )

    def weekdays(self, names: Mapping[str, str], weekdays: pl.DataFrame) -> Figure:
        """Return the headline category by day of the week and period, in tiles.

        Parameters
        ----------
        weekdays : HM-I8: ``measure, period, breakdown, start, end, self, mark, n, days, region,
            england, order``.
        """
        measure = self._headline
        days = list(titles.WEEKDAYS)
        own = weekdays.filter(pl.col("measure") == measure["id"]).with_columns(
            pl.col("breakdown")
            .replace_strict({day: place for place, day in enumerate(days)}, return_dtype=pl.Int64)
            .alias("column_order")
        )
        own = own.sort("order", "column_order")
        title = titles.weekday_title(own, measure, self._context.headline["period"])
        frame = by_series(
            own.select(
                self._short("row"),
                pl.col("order").alias("row_order"),
                pl.col("breakdown").str.to_titlecase().alias("column"),
                *("column_order", *SERIES, "mark"),
            ),
            names,
        ).with_columns(
            pl.col("series").replace_strict(dict(names), return_dtype=pl.String).alias("group"),
            pl.col("series")
            .replace_strict({name: n for n, name in enumerate(SERIES)}, return_dtype=pl.Int64)
            .alias("group_order"),
        )
        rows = own.partition_by("period", as_dict=True, maintain_order=True)
        return Figure(
            id="weekdays",
            kind="tiles",
            title=title,
            guide=f"{measure['label']}: median change from baseline on each day of the week in each"
            " period, %.",
            svg=self._tiles.render(
                figure_id="weekdays",
                title=title,
                description=f"Tiles for {join_words([*names.values()])}: rows are periods, columns"
                " the days of the week.",
                frame=frame,
            ),
            note=f"A tile needs three such days with a figure. {titles.comparators_note(names)}",
            table=Table(
                caption=f"{measure['label']} in {names['self']}: median change from baseline by"
                " day of the week, per cent",
                columns=[("Period", False), *((day.title(), True) for day in days)],
                rows=[
                    [
                        self._labels[str(period)]["label"],
                        *_week(part, days),
                    ]
                    for (period,), part in rows.items()
                ],
            ),
            csv=self._context.csv(
                weekdays.select(
                    "measure",
                    "period",
                    pl.col("breakdown").alias("weekday"),
                    pl.col("self").alias("district_percent"),
                    "mark",
                    *percents(names),
                    pl.col("n").alias("days_with_a_figure"),
                    "days",
                )
            ),
        )

    def holidays(self, names: Mapping[str, str], holidays: Mapping[str, pl.DataFrame]) -> Figure:
        """Return the headline category on bank holidays, with a table of all categories.

        Parameters
        ----------
        holidays : by voice the released rows of HM-I7.
        """
        measure = self._headline
        keys = ["measure", "start"]
        values = {**holidays, "self": holidays["self"].select(*keys, "value", "mark")}
        wide = side_by_side(values, keys)
        wide = wide.join(self._holidays, on="start").sort("measure", "start")
        own = wide.filter(pl.col("measure") == measure["id"])
        title = titles.holiday_title(own, measure)
        dated = pl.Series("row", [_holiday(row) for row in own.iter_rows(named=True)], pl.String)
        frame = by_series(own.select(dated, pl.int_range(pl.len()).alias("order"), *SERIES, "mark"))
        return Figure(
            id="holidays",
            kind="dots",
            title=title,
            guide=f"{measure['label']}: change from baseline on each bank holiday, %.",
            svg=self._dots.render(
                figure_id="holidays",
                title=title,
                description=f"Dots for {join_words([*names.values()])} on {own.height} bank"
                " holidays.",
                frame=frame,
                labels=names,
            ),
            note=None,
            table=self._all_measures_table(
                wide,
                "start",
                caption=f"Change from baseline in {names['self']} on bank holidays, per cent",
                heads=("Bank holiday", "Date"),
                rows=(
                    (day, holiday, long_date(day))
                    for day, holiday in wide.select("start", "name")
                    .unique()
                    .sort("start")
                    .iter_rows()
                ),
            ),
            csv=self._context.csv(
                wide.select(
                    pl.col("start").alias("date"),
                    pl.col("name").alias("bank_holiday"),
                    "measure",
                    pl.col("self").alias("district_percent"),
                    "mark",
                    *percents(names),
                ).sort("date", "measure")
            ),
        )


def _holiday(row: Mapping[str, object]) -> str:
    return f"{row['name']} {row['start']:%Y}"


def _week(rows: pl.DataFrame, days: list[str]) -> list[str]:
    """Return the cells of one period; a day that the period does not have is left blank."""
    found = {row["breakdown"]: cell(row["self"], row["mark"]) for row in rows.iter_rows(named=True)}
    return [found.get(day, "") for day in days]

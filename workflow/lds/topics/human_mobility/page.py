"""The page of Human mobility: figures, sentences and tables from the released table alone."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import polars as pl

from lds.charts import DotChart, LineChart, StripChart
from lds.io import RESOURCES, read_yaml
from lds.reports.content import Content, Figure, Section, Table
from lds.statistics.periods import centred_mean
from lds.text import date_range, last_day, signed
from lds.topics import ENGLAND
from lds.topics.human_mobility import TOPIC
from lds.topics.human_mobility import sentences as say

SMOOTHING_DAYS = 7
SMOOTHING_MINIMUM = 6
"""One missing day in seven; with two, a blank weekend would bend the line."""
SERIES = ("self", "region", "england")
UNIT = "%"


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
        self._marks = {"release": release_id, "synthetic": str(synthetic).lower()}
        self._table = table
        # England's and the regions' rows serve many districts; a district's own serve one.
        self._rows_of = lru_cache(maxsize=16)(self._read)
        self._daily_of = lru_cache(maxsize=16)(self._daily)
        days = self._rows_of(ENGLAND)["start"]
        self._window: tuple[date, date] = (days.min(), days.max())  # type: ignore[assignment]
        self._labels = {row["id"]: row for row in periods.iter_rows(named=True)}
        self._order = {name: place for place, name in enumerate(self._labels)}
        self._standing = say.Standing.of(table, self._headline["measure"], self._headline["period"])
        bands = periods.filter(pl.col("band").is_not_null()).select(
            "start", pl.col("end").dt.offset_by("-1d"), pl.col("band").alias("label")
        )
        self._line = LineChart.build(window=self._window, bands=bands, unit=UNIT)
        self._dots = DotChart.build(axis_title="Change from baseline, %", n_label="days")
        self._strip = StripChart.build(
            axis_title="Change from baseline in the first lockdown, %; each line is one district"
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
        figures = [self._strip_figure(code, names)]
        figures += [
            self._trend_figure(
                measure,
                names,
                {key: series[measure["id"]] for key, series in daily.items()},
                by_measure[measure["id"]],
            )
            for measure in self._measures
        ]
        figures.append(self._period_figure(names, periods))
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
            data=self._data(code, area["region_code"]),
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

    def _strip_figure(self, code: str, names: dict[str, str]) -> Figure:
        measure = self._measure(self._headline["measure"])
        label = self._labels[self._headline["period"]]
        frame = self._standing.values.select("code", "value")
        title = say.standing_title(self._standing, code, names["self"])
        shown = frame.join(
            pl.DataFrame(
                [(key, row["name"]) for key, row in self._areas.items()],
                schema=["code", "name"],
                orient="row",
            ),
            on="code",
        ).sort("value", "code")
        near = say.neighbours_in_rank(shown, code)
        days = date_range(label["start"], last_day(label["end"]))
        return Figure(
            id="standing",
            kind="strip",
            title=title,
            guide=f"{measure['label']}: change from baseline in the {label['short_label'].lower()},"
            f" {days}. Each line is one district.",
            svg=self._strip.render(
                figure_id="standing",
                title=title,
                description=f"Strip of {frame.height} districts by change in {measure['subject']};"
                f" {names['self']} is marked.",
                frame=frame,
                highlight=code,
                label=names["self"],
            ),
            note=None,
            table=Table(
                caption=f"Districts around {names['self']}: change in {measure['subject']},"
                f" {days}, per cent",
                columns=[("District", False), ("Rank", True), ("Change, %", True)],
                rows=[[name, f"{rank:,}", signed(value, 1)] for name, rank, value in near],
            ),
            csv=self._csv(
                shown.select(
                    pl.col("code").alias("area_code"),
                    pl.col("name").alias("area_name"),
                    pl.col("value").alias("change_percent"),
                )
            ),
        )

    def _trend_figure(
        self,
        measure: dict[str, str],
        names: dict[str, str],
        series: dict[str, pl.DataFrame],
        rows: pl.DataFrame,
    ) -> Figure:
        name = f"trend_{measure['id']}"
        own = series["self"]
        title = say.trend_title(measure, rows, self._labels, self._headline["period"])
        columns = [("Period", False), ("Dates", False)]
        columns += [(f"{names[key]}, %", True) for key in SERIES]
        columns += [("Days with a figure", True), ("Days", True)]
        # Every series has every day of the window, in order.
        days = pl.DataFrame(
            {
                "date": own["date"],
                "district_percent": own["value"],
                "mark": own["mark"],
                "region_percent": series["region"]["value"],
                "england_percent": series["england"]["value"],
            }
        )
        return Figure(
            id=name,
            kind="line",
            title=title,
            guide="Change from the same weekday in January and early February 2020, %. Lines:"
            f" {SMOOTHING_DAYS}-day means. Dots: {names['self']} day by day.",
            svg=self._line.render(
                figure_id=name,
                title=title,
                description=say.trend_description(measure, names, rows, self._labels),
                frame=_stacked(series),
                labels=names,
            ),
            note=say.coverage_note(own, series["england"]),
            table=Table(
                caption=f"{measure['label']}: change from baseline by period, per cent, comparators"
                f" on the days that {names['self']} has",
                columns=columns,
                rows=[
                    [
                        self._labels[row["period"]]["label"],
                        date_range(row["start"], row["end"]),
                        *(_cell(row[key], row["mark"]) for key in SERIES),
                        f"{row['n']:,}",
                        f"{row['days']:,}",
                    ]
                    for row in rows.iter_rows(named=True)
                ],
            ),
            csv=self._csv(days),
        )

    def _period_figure(self, names: dict[str, str], periods: pl.DataFrame) -> Figure:
        measure = self._measure(self._headline["measure"])
        rows = periods.filter(pl.col("measure") == measure["id"])
        title = say.period_title(rows, self._labels, names["self"], measure)
        long = pl.concat(
            [
                rows.select(
                    pl.col("period")
                    .replace_strict(
                        {key: row["short_label"] for key, row in self._labels.items()},
                        return_dtype=pl.String,
                    )
                    .alias("row"),
                    "order",
                    pl.lit(key).alias("series"),
                    pl.col(key).alias("value"),
                    pl.when(pl.col(key).is_null())
                    .then(pl.col("mark").fill_null("x"))
                    .alias("mark"),
                    "n",
                )
                for key in SERIES
            ]
        )
        wide = self._all_measures_table(periods)
        return Figure(
            id="periods",
            kind="dots",
            title=title,
            guide=f"{measure['label']}: median change from baseline in each period, every day of"
            " the week counting by its share of the period, %.",
            svg=self._dots.render(
                figure_id="periods",
                title=title,
                description=f"Dots for {names['self']}, {names['region']} and England in"
                f" {rows.height} periods.",
                frame=long,
                labels=names,
            ),
            note="The region and England are given for the days on which the district has a figure.",
            table=wide,
            csv=self._csv(
                periods.select(
                    "measure",
                    "period",
                    pl.col("start").alias("first_day"),
                    pl.col("end").alias("last_day"),
                    pl.col("self").alias("district_percent"),
                    "mark",
                    pl.col("region").alias("region_percent"),
                    pl.col("england").alias("england_percent"),
                    pl.col("n").alias("days_with_a_figure"),
                    "days",
                    pl.col("note").alias("weekdays_without_a_figure"),
                )
            ),
        )

    def _all_measures_table(self, periods: pl.DataFrame) -> Table:
        cells: dict[tuple[str, str], str] = {
            (row["period"], row["measure"]): _cell(row["self"], row["mark"])
            for row in periods.iter_rows(named=True)
        }
        spans = periods.sort("order").select("period", "start", "end").unique(maintain_order=True)
        return Table(
            caption="Change from baseline by period and category, per cent",
            columns=[
                ("Period", False),
                ("Dates", False),
                *((measure["label"], True) for measure in self._measures),
            ],
            rows=[
                [
                    self._labels[name]["label"],
                    date_range(start, end),
                    *(cells.get((name, measure["id"]), "x") for measure in self._measures),
                ]
                for name, start, end in spans.iter_rows()
            ],
        )

    def _measure(self, name: str) -> dict[str, str]:
        return next(measure for measure in self._measures if measure["id"] == name)

    def _csv(self, frame: pl.DataFrame) -> str:
        """Return a frame as CSV whose every row says its release and whether it is synthetic."""
        marked = frame.with_columns(pl.lit(value).alias(key) for key, value in self._marks.items())
        return marked.write_csv(float_precision=None)

    def _data(self, code: str, region: str) -> str:
        rows = pl.concat([self._rows_of(name) for name in (code, region, ENGLAND)])
        return self._csv(rows.drop("topic", "numerator", "denominator", "lower", "upper"))


def _by_measure(frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    parts = frame.partition_by("measure", as_dict=True, maintain_order=True)
    return {str(measure): part for (measure,), part in parts.items()}


def _stacked(series: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Return the series of one measure below each other, named by the column ``series``."""
    frames = [
        pl.DataFrame(
            {"date": frame["date"], "value": frame["value"], "smooth": frame["smooth"]}
        ).with_columns(pl.lit(key).alias("series"))
        for key, frame in series.items()
    ]
    return pl.concat(frames)


def _cell(value: float | None, mark: str | None) -> str:
    return signed(value) if value is not None else (mark or "x")

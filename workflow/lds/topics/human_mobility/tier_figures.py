"""Figures of the tiers: the path of a district and its neighbours, as tiles and as maps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from lds.areas import LAD
from lds.charts import AreaMaps, TileChart, palette
from lds.maps.drawing import svg_paths
from lds.reports.content import Figure, Table
from lds.text import few, long_date, short_date
from lds.topics import ENGLAND
from lds.topics.human_mobility import LOCKDOWN, titles
from lds.topics.human_mobility.context import Context, comparators

MAP_UNITS = 1000
"""Units across a map: a third of a pixel."""
MOST_MEMBERS = 40
"""Districts of a custom area that tiles and maps can still tell apart."""


class TierFigures:
    """The tiers of all districts; built once in the process that draws them.

    Parameters
    ----------
    rows : the released rows of HM-I9, of all areas.
    areas : ``code, kind, name, region_code, members`` of the LADs and custom areas.
    reference : ``neighbours`` (``code, neighbour``) and ``boundaries_lads`` (``code, geometry``).
    """

    def __init__(
        self,
        context: Context,
        rows: pl.DataFrame,
        areas: pl.DataFrame,
        reference: Mapping[str, pl.DataFrame],
    ) -> None:
        self._context = context
        # The scale of the palette names the levels in the order of their values.
        self._levels = dict(enumerate(palette().tiers, 1))
        self._fills = palette().tiers
        self._tiers = rows.filter(pl.col("statistic") == "tier").sort("area", "start")
        self._dates: list[date] = self._tiers["start"].unique().sort().to_list()
        self._shares = {
            (row["area"], row["start"], row["breakdown"]): row["value"]
            for row in rows.filter(pl.col("statistic") == "population_share").iter_rows(named=True)
        }
        self._areas = {row["code"]: row for row in areas.iter_rows(named=True)}
        self._names = {code: str(row["name"]) for code, row in self._areas.items()}
        self._neighbours = reference["neighbours"]
        self._boundaries = reference["boundaries_lads"]
        self._tiles = TileChart.build(scale="tiers")
        self._maps = AreaMaps.build()

    def figures(self, code: str, names: Mapping[str, str]) -> list[Figure]:
        """Return tiles and maps of a district and those that touch it, or of an area's districts.

        Parameters
        ----------
        names : of the area (``self``), its ``region`` (where it lies in one) and ``england``.
        """
        if not self._dates:
            return []
        others = sorted(self._others(code), key=self._names.__getitem__)
        shown = [code, *others]
        frame = self._frame(shown)
        own = self._tiers.filter(pl.col("area") == code)
        title = titles.tier_title(own, names["self"], LOCKDOWN)
        is_lad = self._areas[code]["kind"] == LAD
        about = self._about(names["self"], others, is_lad=is_lad)
        tiles = Figure(
            id="tiers",
            kind="tiles",
            title=title,
            guide=f"Tier of restrictions on four days: {about}.",
            svg=self._tiles.render(
                figure_id="tiers",
                title=title,
                description=f"Tiles for {about}: rows are areas, columns the four days.",
                frame=frame.select(
                    pl.col("name").alias("row"),
                    pl.col("order").alias("row_order"),
                    pl.lit("").alias("group"),
                    pl.lit(0, dtype=pl.Int64).alias("group_order"),
                    *("column", "column_order", "level", "mark"),
                ),
                emphasise=names["self"],
            ),
            note=self._note(own, self._areas[code]["region_code"], names),
            table=self._table(frame, about),
            csv=self._context.csv(
                frame.select(
                    pl.col("area").alias("area_code"),
                    pl.col("name").alias("area_name"),
                    pl.col("start").alias("date"),
                    pl.col("value").cast(pl.Int64).alias("tier"),
                    "mark",
                    pl.col("note").alias("tiers_of_parts"),
                    "match",
                )
            ),
        )
        if is_lad:
            return [tiles, self._map(code, shown, frame, about)]
        inside = frame.filter(pl.col("area") != code)
        return [tiles, self._map(None, others, inside, about)] if others else [tiles]

    def _others(self, code: str) -> list[str]:
        """Return the districts that touch a district, or those that a custom area is made of.

        None of the latter when some are no districts of the release's day, or when they are too
        many to be told apart.
        """
        if self._areas[code]["kind"] == LAD:
            return self._neighbours.filter(pl.col("code") == code)["neighbour"].to_list()
        members = [member["code"] for member in self._areas[code]["members"]]
        known = all(member in self._areas for member in members)
        return members if known and len(members) <= MOST_MEMBERS else []

    def _about(self, name: str, others: list[str], *, is_lad: bool) -> str:
        if not others:
            return f"{name}, which touches no other district" if is_lad else name
        if len(others) > 1:
            of_them = f"{few(len(others))} districts"
            return f"{name} and " + (f"the {of_them} that touch it" if is_lad else f"its {of_them}")
        which = "which touches it" if is_lad else "its only district"
        return f"{name} and {self._names[others[0]]}, {which}"

    def _map(self, code: str | None, shown: list[str], frame: pl.DataFrame, about: str) -> Figure:
        drawing = svg_paths(self._boundaries.filter(pl.col("code").is_in(shown)), width=MAP_UNITS)
        title = "The same tiers on the map"
        return Figure(
            id="tier_maps",
            kind="maps",
            title=title,
            guide=f"{about}, one map for each of the four days.",
            svg=self._maps.render(
                figure_id="tier_maps",
                title=title,
                description=f"Four maps of {about}, filled by tier.",
                shapes=dict(drawing.paths.iter_rows()),
                box=(0, 0, drawing.width, drawing.height),
                frame=frame.select(
                    pl.col("area").alias("code"), *("column", "column_order", "level", "mark")
                ),
                names=self._names,
                highlight=code,
            ),
            note=None,
            table=self._table(frame, about),
            csv=self._context.csv(
                frame.select(
                    pl.col("area").alias("area_code"), pl.col("start").alias("date"), "value"
                )
            ),
        )

    def _frame(self, shown: list[str]) -> pl.DataFrame:
        """Return every district and day, with the level's name or the mark of a missing one."""
        areas = pl.DataFrame(
            {
                "area": shown,
                "name": [self._names[code] for code in shown],
                "order": range(len(shown)),
            }
        )
        days = pl.DataFrame(
            {
                "start": self._dates,
                "column": [short_date(day) for day in self._dates],
                "column_order": range(len(self._dates)),
            }
        )
        level = pl.col("value").replace_strict(
            {float(value): name for value, name in self._levels.items()},
            return_dtype=pl.String,
        )
        return (
            areas.join(days, how="cross")
            .join(
                self._tiers.select("area", "start", "value", "mark", "note", "match"),
                on=["area", "start"],
                how="left",
            )
            .sort("order", "column_order")
            .with_columns(
                level.alias("level"),
                pl.when(pl.col("value").is_null())
                .then(pl.col("mark").fill_null("x"))
                .alias("mark"),
            )
        )

    def _note(self, own: pl.DataFrame, region: str | None, names: Mapping[str, str]) -> str | None:
        """Say how many people were in the tier of the area, and where its parts differed."""
        told = []
        before = own.filter(pl.col("value").is_not_null() & (pl.col("value") < LOCKDOWN))
        if before.height:
            row = before.row(-1, named=True)
            key = f"tier_{row['value']:.0f}"
            codes = {"region": region, "england": ENGLAND}
            shares = {
                place: self._shares.get((codes[voice], row["start"], key))
                for voice, place in comparators(names).items()
            }
            listed = " and ".join(
                f"{share:.0f}% of the people of {place}"
                for place, share in shares.items()
                if share is not None
            )
            told.append(f"On {long_date(row['start'])} {listed} lived in tier {row['value']:.0f}.")
        mixed = own.filter(pl.col("note").is_not_null())
        if mixed.height:
            days = ", ".join(long_date(day) for day in mixed["start"])
            told.append(
                f"On {days} parts of {names['self']} were in different tiers; that of most of its"
                " people is shown."
            )
        return " ".join(told) or None

    def _table(self, frame: pl.DataFrame, about: str) -> Table:
        rows = frame.partition_by("name", as_dict=True, maintain_order=True)
        return Table(
            caption=f"Tier of {about}; L is the national lockdown",
            columns=[("Area", False), *((long_date(day), False) for day in self._dates)],
            rows=[
                [
                    str(district),
                    *(
                        row["mark"] if row["level"] is None else self._fills[row["level"]].label
                        for row in part.iter_rows(named=True)
                    ),
                ]
                for (district,), part in rows.items()
            ],
        )

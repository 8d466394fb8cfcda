"""Figures of the tiers: the path of a district and its neighbours, as tiles and as maps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from lds.charts import AreaMaps, TileChart, palette
from lds.maps.drawing import svg_paths
from lds.reports.content import Figure, Table
from lds.text import few, long_date, region_phrase, short_date
from lds.topics import ENGLAND
from lds.topics.human_mobility import LOCKDOWN, titles
from lds.topics.human_mobility.context import Context

MAP_UNITS = 1000
"""Units across a map: a third of a pixel."""


class TierFigures:
    """The tiers of all districts; built once in the process that draws them.

    Parameters
    ----------
    rows : the released rows of HM-I9, of all areas.
    names : name of each LAD by code.
    reference : ``neighbours`` (``code, neighbour``) and ``boundaries_lads`` (``code, geometry``).
    """

    def __init__(
        self,
        context: Context,
        rows: pl.DataFrame,
        names: Mapping[str, str],
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
        self._names = names
        self._neighbours = reference["neighbours"]
        self._boundaries = reference["boundaries_lads"]
        self._tiles = TileChart.build(scale="tiers")
        self._maps = AreaMaps.build()

    def figures(self, code: str, region: str, names: Mapping[str, str]) -> list[Figure]:
        """Return tiles and maps of a district and the districts that touch it.

        Parameters
        ----------
        region : code of its region.
        names : of the district (``self``), its ``region`` and ``england``.
        """
        if not self._dates:
            return []
        touching = self._neighbours.filter(pl.col("code") == code)["neighbour"].to_list()
        shown = [code, *sorted(touching, key=self._names.__getitem__)]
        frame = self._frame(shown)
        own = self._tiers.filter(pl.col("area") == code)
        title = titles.tier_title(own, names["self"], LOCKDOWN)
        about = (
            f"{names['self']} and the {few(len(touching))} districts that touch it"
            if len(touching) > 1
            else f"{names['self']} and {self._names[touching[0]]}, which touches it"
            if touching
            else f"{names['self']}, which touches no other district"
        )
        tiles = Figure(
            id="tiers",
            kind="tiles",
            title=title,
            guide=f"Tier of restrictions on four days: {about}.",
            svg=self._tiles.render(
                figure_id="tiers",
                title=title,
                description=f"Tiles for {about}: rows are districts, columns the four days.",
                frame=frame.select(
                    pl.col("name").alias("row"),
                    pl.col("order").alias("row_order"),
                    pl.lit("").alias("group"),
                    pl.lit(0, dtype=pl.Int64).alias("group_order"),
                    *("column", "column_order", "level", "mark"),
                ),
                emphasise=names["self"],
            ),
            note=self._note(own, region, names),
            table=self._table(frame, names["self"]),
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
        return [tiles, self._map(code, shown, frame, about)]

    def _map(self, code: str, shown: list[str], frame: pl.DataFrame, about: str) -> Figure:
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
            table=self._table(frame, self._names[code]),
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

    def _note(self, own: pl.DataFrame, region: str, names: Mapping[str, str]) -> str | None:
        """Say how many people were in the tier of the district, and where its parts differed."""
        told = []
        before = own.filter(pl.col("value").is_not_null() & (pl.col("value") < LOCKDOWN))
        if before.height:
            row = before.row(-1, named=True)
            key = f"tier_{row['value']:.0f}"
            shares = {
                place: self._shares.get((area, row["start"], key))
                for place, area in (
                    (region_phrase(names["region"]), region),
                    ("England", ENGLAND),
                )
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

    def _table(self, frame: pl.DataFrame, name: str) -> Table:
        rows = frame.partition_by("name", as_dict=True, maintain_order=True)
        return Table(
            caption=f"Tier of {name} and of the districts that touch it; L is the national"
            " lockdown",
            columns=[("District", False), *((long_date(day), False) for day in self._dates)],
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

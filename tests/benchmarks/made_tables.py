"""Made-up tables, always the same ones, on which the gate is held against other tools."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from lds.disclosure.structure import ALL
from lds.geography import Register

VINTAGE = date(2021, 4, 1)
SEED = 20_210_401
Tree = dict[str, str]
Record = tuple[str, str, float | None]


@dataclass(frozen=True, kw_only=True)
class CountTable:
    """A table of counts with all of its margins.

    Attributes
    ----------
    dimensions : per dimension its values, each with the value above it; ``all`` is the root.
    table : one column per dimension, and ``value``.
    """

    name: str
    dimensions: dict[str, Tree]
    table: pl.DataFrame


@dataclass(frozen=True, kw_only=True)
class RecordTable:
    """Records, and the table that is to be made of them.

    Attributes
    ----------
    command, statistic : ``crosstab`` or ``pivot_table``, of ``count``, ``sum`` or ``mean``.
    rows, columns : the categories, also those without a record.
    records : (row, column, value).
    """

    name: str
    command: str
    statistic: str
    rows: list[str]
    columns: list[str]
    records: list[Record]


def margins(leaves: pl.DataFrame, dimensions: Mapping[str, Tree]) -> pl.DataFrame:
    """Return the cells of a table with those of every total, in a fixed order."""
    table = leaves
    for name, parents in dimensions.items():
        chains = [(leaf, each) for leaf in parents for each in (leaf, *_above(leaf, parents))]
        above = pl.DataFrame(chains, schema=[name, "whole"], orient="row")
        others = [other for other in dimensions if other != name]
        table = (
            table.join(above, on=name)
            .group_by(*others, pl.col("whole").alias(name))
            .agg(pl.col("value").sum())
        )
    return table.select(*dimensions, "value").sort(*dimensions)


def _above(value: str, parents: Tree) -> Iterator[str]:
    while value in parents:
        value = parents[value]
        yield value


def lads() -> pl.DataFrame:
    """Return the 309 districts of `VINTAGE`: ``code, region, population``."""
    register = Register.load()
    latest = register.population.sort("year").unique("code", keep="last")
    people = latest.select("code", "population")
    return (
        register.live_on(VINTAGE)
        .join(people, on="code")
        .select("code", region="region_code", population="population")
        .sort("code")
    )


def count_table(
    name: str,
    groups: tuple[int, ...],
    per_thousand: float,
    *,
    regions: bool = False,
    every: int = 1,
    seed: int = SEED,
) -> CountTable:
    """Return counts of made-up people by district and by groups that cross each other.

    Parameters
    ----------
    groups : the number of values of each further dimension.
    per_thousand : counted people in a thousand residents of an average district.
    regions : whether districts add up to regions.
    every : take every so many-th district only.
    """
    rng = np.random.default_rng(seed)
    places = lads().gather_every(every)
    rate = per_thousand / 1000 * rng.lognormal(0, 0.4, places.height)
    expected = places["population"].to_numpy() * rate
    for size in groups:
        shares = rng.dirichlet(np.full(size, 4.0), places.height)
        expected = expected[..., None] * shares.reshape(-1, *[1] * (expected.ndim - 1), size)
    names = [[f"g{number}_{each}" for each in range(size)] for number, size in enumerate(groups)]
    leaves = pl.DataFrame(
        list(itertools.product(places["code"], *names)),
        schema=["area", *(f"group_{number}" for number in range(len(groups)))],
        orient="row",
    ).with_columns(value=rng.poisson(expected).ravel())
    area = dict.fromkeys(places["code"], ALL)
    if regions:
        area = dict(places.select("code", "region").iter_rows())
        area |= dict.fromkeys(places["region"].unique().sort(), ALL)
    dimensions = {"area": area} | {
        f"group_{number}": dict.fromkeys(values, ALL) for number, values in enumerate(names)
    }
    return CountTable(name=name, dimensions=dimensions, table=margins(leaves, dimensions))


def single_table() -> CountTable:
    """Return the table on which the time of one table is measured."""
    return count_table("309 x 5, some small cells", (5,), 0.5)


def count_tables() -> list[CountTable]:
    """Return tables that optimal suppression can do: 2 and 3 dimensions, flat and nested areas."""
    return [
        count_table("309 x 5, few small cells", (5,), 1.0),
        single_table(),
        count_table("309 x 5, many small cells", (5,), 0.25),
        count_table("309 x 5 with regions, few", (5,), 1.0, regions=True),
        count_table("309 x 5 with regions, some", (5,), 0.5, regions=True),
        count_table("309 x 2 with regions, some", (2,), 0.2, regions=True),
        count_table("31 x 5 x 2, few", (5, 2), 1.6, every=10),
        count_table("31 x 5 x 2, some", (5, 2), 0.8, every=10),
        count_table("11 x 4 x 2 with regions, some", (4, 2), 0.8, every=30, regions=True),
        count_table("16 x 3 x 3, some", (3, 3), 0.8, every=20),
    ]


def _cell_values(rng: np.random.Generator) -> list[float]:
    """Return the values of one cell's records; a fixed share are at the limit of a rule."""
    few = [1, 1, 1, 1, 1, 1, 2, 2]
    kind = rng.integers(12)
    size = int(rng.choice([0, 1, 2, 3, 8, 9, 10, 11, 12, 25, 40]))
    scale = int(rng.integers(1, 40))
    if kind == 0:  # two hold exactly 90 %, of ten records
        values = [50, 40, *few]
    elif kind == 1:  # and a little less
        values = [50, 40, *few[:-1], 3]
    elif kind == 2:  # all others are exactly 10 % of the largest
        values = [100, int(rng.integers(2, 90)), *few]
    elif kind == 3:  # and a little less
        values = [101, int(rng.integers(2, 90)), *few]
    elif kind == 4:  # nine records with the sums of ten
        values = [50, 40, *few[:-2], 4]
    elif kind == 5:  # ties
        values = [7] * size
    elif kind == 6:  # one beside many small ones
        values = [int(rng.integers(200, 9000)), *rng.integers(1, 30, size).tolist()]
    elif kind == 7:  # two beside many small ones
        values = [*rng.integers(200, 900, 2).tolist(), *rng.integers(1, 30, size).tolist()]
    elif kind == 8:  # some of nothing
        values = [0, 0, 0, 5, *rng.integers(1, 60, size).tolist()]
    else:
        values = np.ceil(rng.lognormal(2, 1.6, size)).tolist()
    return [float(value * scale) for value in values]


def record_table(
    name: str, command: str, statistic: str, seed: int, cell: str = "plain"
) -> RecordTable:
    """Return made-up records of 12 by 6 categories.

    Parameters
    ----------
    cell : ``plain``, or what some records have beside it: ``missing`` values, ``negative`` values,
        or cells of ``nothing`` (every value is 0).
    """
    rng = np.random.default_rng(seed)
    rows, columns = [f"r{each:02}" for each in range(12)], [f"c{each}" for each in range(6)]
    records: list[Record] = []
    for row, column in itertools.product(rows, columns):
        values: list[float | None] = [*_cell_values(rng)]
        if cell == "missing" and rng.random() < 0.4:
            values += [None] * int(rng.integers(1, 8))
        if cell == "negative" and rng.random() < 0.1:
            values += [-float(rng.integers(1, 50))]
        if cell == "nothing" and rng.random() < 0.2:
            values = [0.0] * int(rng.integers(8, 14))
        # The last row and column are empty: categories without any record.
        if row != rows[-1] and column != columns[-1]:
            records += [(row, column, value) for value in values]
    return RecordTable(
        name=name, command=command, statistic=statistic, rows=rows, columns=columns, records=records
    )


def record_tables() -> list[RecordTable]:
    """Return tables on ground that acro and the gate share."""
    kinds = [
        ("crosstab", "count"),
        ("crosstab", "sum"),
        ("crosstab", "mean"),
        ("pivot_table", "sum"),
        ("pivot_table", "mean"),
    ]
    return [
        record_table(
            f"{command} of {statistic} {turn}", command, statistic, SEED + 10 * place + turn
        )
        for place, (command, statistic) in enumerate(kinds)
        for turn in (1, 2)
    ]


def record_tables_apart() -> list[RecordTable]:
    """Return tables on which both are known to differ, one for each reason."""
    return [
        record_table("missing", "crosstab", "sum", SEED + 101, "missing"),
        record_table("negative", "crosstab", "sum", SEED + 102, "negative"),
        record_table("nothing", "crosstab", "sum", SEED + 103, "nothing"),
    ]

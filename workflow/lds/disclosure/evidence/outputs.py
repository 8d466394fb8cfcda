"""Outputs: one for each topic, indicator and statistic, which a checker decides on as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import polars as pl

from lds.contracts import load_table_contract, sort_by_key
from lds.disclosure.profiles import Profile, load_profile
from lds.disclosure.registers import StatisticType, load_statistic_types
from lds.disclosure.result import WITHHELD_CELLS, GateResult
from lds.errors import DisclosureError
from lds.topics import IndicatorEntry, TopicEntry

OPEN = "open"
"""The profile of open data, which withholds nothing."""
FIXED = ("topic", "indicator", "statistic")
"""The columns of the key that are the same in every row of an output."""
CELL_KEYS = ("cell", "denominator_cell")
"""The columns that name the cells behind a row: it shows up to two."""
CELL_COLUMNS = ("status", "rule", "protects", "lower", "upper", "tier", "needed")
"""What is known of a withheld cell; ``protects`` is in words."""


@dataclass(frozen=True, kw_only=True)
class Output:
    """What is released, and what was asked for, of one statistic of one indicator.

    Attributes
    ----------
    table : released rows as they are released.
    rows : rows that were asked for in the order of their key: those of `GateResult.rows`, and of
        each withheld cell behind them `CELL_COLUMNS` after ``cell_`` and ``denominator_cell_``.
    """

    topic: TopicEntry
    indicator: str
    statistic: str
    profile: Profile
    table: pl.DataFrame
    rows: pl.DataFrame

    @property
    def uid(self) -> str:
        """Its name in ``results.json`` and the beginning of the names of its files."""
        return f"{self.topic.id}_{self.indicator}_{self.statistic}"

    @property
    def entry(self) -> IndicatorEntry:
        """What the topic register says of the indicator."""
        return self.topic.indicators[self.indicator]

    @property
    def type(self) -> StatisticType:
        """What the gate knows of the type of statistic."""
        return load_statistic_types()[self.statistic]

    @cached_property
    def decided(self) -> pl.DataFrame:
        """The released rows, each with status, rule and counts of the row that was asked for.

        Columns that `rows` adds are null where nothing was asked for; its n is ``unweighted``.
        """
        shared = key_within_output()
        inside = self.rows.select(
            *shared, "status", "rule", "cases", pl.col("n").alias("unweighted")
        )
        if self.table.select(shared).equals(inside.select(shared)):
            return self.table.hstack(inside.drop(shared))
        return self.table.join(inside, on=shared, how="left", maintain_order="left")

    @cached_property
    def intervals(self) -> pl.DataFrame:
        """The withheld cells behind the rows, each once, and how uncertain they stay.

        ``cell``, the place and time of a row that shows it, `CELL_COLUMNS`, ``width`` of the
        interval and ``room`` (the width above what is needed); the narrowest first, after those
        that were not audited.
        """
        sides = [
            self.rows.filter(pl.col(f"{key}_status").is_not_null()).select(
                pl.col(key).alias("cell"),
                *("area", "breakdown", "start", "end"),
                *(pl.col(f"{key}_{name}").alias(name) for name in CELL_COLUMNS),
            )
            for key in CELL_KEYS
        ]
        width = pl.col("upper") - pl.col("lower")
        return (
            pl.concat(sides)
            .unique("cell", keep="first", maintain_order=True)
            .with_columns(width.alias("width"), (width - pl.col("needed")).alias("room"))
            .sort("room", "cell", nulls_last=False)
        )


@cache
def key_within_output() -> list[str]:
    """Return the columns of the key of indicators that differ within an output."""
    return [name for name in load_table_contract("indicators").key if name not in FIXED]


def cell_label() -> pl.Expr:
    """Return a cell in words: quantity, area, days, part."""
    days = pl.col("start").dt.to_string("%Y-%m-%d") + "/" + pl.col("end").dt.to_string("%Y-%m-%d")
    return pl.concat_str(["quantity", "area", days, "breakdown"], separator=" ")


def withheld_cells(cells: pl.DataFrame) -> pl.DataFrame:
    """Return the withheld cells in the order of their ids; ``protects`` is in words.

    Parameters
    ----------
    cells : as `GateResult.cells`.
    """
    withheld = cells.filter(pl.col("status").is_in(WITHHELD_CELLS)).sort("cell")
    hidden = (
        cells.lazy()
        .filter(pl.col("cell").is_in(withheld["protects"].drop_nulls().unique().implode()))
        .select(pl.col("cell").alias("protects"), cell_label().alias("words"))
        .collect()
    )
    named = withheld.join(hidden, on="protects", how="left", maintain_order="left")
    return named.with_columns(pl.col("words").alias("protects")).drop("words")


def each_output(
    result: GateResult, topics: Mapping[str, TopicEntry]
) -> Iterator[tuple[str, pl.DataFrame, list[Output]]]:
    """Yield each topic, the rows that were asked for, and its outputs, in the registers' order.

    The rows are in the order of their key. They come topic by topic, since those of all topics with
    what is behind them would take several times the room of the gate's answer.

    Raises
    ------
    DisclosureError : a topic, indicator or statistic that no register has.
    """
    contract = load_table_contract("indicators")
    unknown = set(result.rows["topic"].unique()) - result.tables.keys()
    if unknown:
        raise DisclosureError("Rows of topics that have no table.", values=sorted(unknown))
    withheld = withheld_cells(result.cells).select("cell", *CELL_COLUMNS)
    for topic in sorted(result.tables, key=lambda topic: place(topics, topic)):
        rows = result.rows.filter(pl.col("topic") == topic)
        if not rows.select(contract.key).equals(result.tables[topic].select(contract.key)):
            rows = sort_by_key(rows, contract)
        behind = rows
        for key in CELL_KEYS:
            named = withheld.rename({name: f"{key}_{name}" for name in CELL_COLUMNS})
            behind = behind.join(
                named, left_on=key, right_on="cell", how="left", maintain_order="left"
            )
        yield topic, rows, list(_outputs(result, topics, topic, behind))


def _outputs(
    result: GateResult, topics: Mapping[str, TopicEntry], topic: str, rows: pl.DataFrame
) -> Iterator[Output]:
    """Yield the outputs of a topic; `rows` are those asked for with what is behind them."""
    by = ["indicator", "statistic"]
    asked = rows.partition_by(by, as_dict=True, maintain_order=True)
    table = result.tables[topic]
    released = table.partition_by(by, as_dict=True, maintain_order=True)
    for key in sorted(asked.keys() | released.keys(), key=lambda key: place(topics, topic, *key)):
        indicator, statistic = key
        yield Output(
            topic=topics[topic],
            indicator=indicator,
            statistic=statistic,
            profile=profile_of(topics[topic].indicators[indicator], result.profiles[topic]),
            table=released.get(key, table.clear()),
            rows=asked.get(key, rows.clear()),
        )


def profile_of(entry: IndicatorEntry, profile: Profile) -> Profile:
    """Return what governs an indicator of a topic: a protected topic may have open ones beside.

    The gate refuses an indicator that says neither what it counts nor what it rests on, unless all
    that it is made from is open.
    """
    is_open = profile.protects and entry.quantity is None and not entry.rests_on
    return load_profile(OPEN) if is_open else profile


def place(topics: Mapping[str, TopicEntry], topic: str, *names: str) -> tuple[int, ...]:
    """Return the place of a topic, or of an indicator and statistic of it, in the registers.

    Raises
    ------
    DisclosureError : it is in none.
    """
    registers = [list(topics)]
    if topic in topics:
        registers += [list(topics[topic].indicators), list(load_statistic_types())]
    named = [topic, *names]
    for register, name in zip(registers, named, strict=False):
        if name not in register:
            raise DisclosureError(
                "An output is in no register, so that nobody can say what it is.",
                where=f"{', '.join(named)}: {name}",
                remedy="Describe it in workflow/resources/topics.yaml.",
            )
    return tuple(register.index(name) for register, name in zip(registers, named, strict=False))

"""The account of one output: all that the evidence says of it, without the rows themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from lds.disclosure.evidence.context import context
from lds.disclosure.evidence.outputs import Output
from lds.disclosure.evidence.sections import section
from lds.disclosure.evidence.tables import Tables, write_tables
from lds.disclosure.evidence.verdict import Verdict, judge, rows_by_status, withheld_by_rule
from lds.disclosure.profiles import Profile
from lds.disclosure.registers import StatisticType, load_statistic_types
from lds.topics import IndicatorEntry, TopicEntry


@dataclass(frozen=True, kw_only=True)
class Account:
    """What the evidence says of one output.

    Attributes
    ----------
    values : rows of it that are released with a value.
    rows : rows that were asked for, by what became of them.
    rules : rows that are withheld, by rule.
    details : what the review page shows of its rows and cells, see `section`.
    """

    uid: str
    topic: TopicEntry
    indicator: str
    statistic: str
    profile: Profile
    verdict: Verdict
    files: Tables
    context: dict[str, str]
    values: int
    rows: dict[str, int]
    rules: dict[str, int]
    details: dict[str, Any]

    @property
    def entry(self) -> IndicatorEntry:
        """What the topic register says of the indicator."""
        return self.topic.indicators[self.indicator]

    @property
    def type(self) -> StatisticType:
        """What the gate knows of the type of statistic."""
        return load_statistic_types()[self.statistic]

    @property
    def name(self) -> str:
        """What it is called on the review page."""
        return f"{self.indicator} {self.entry.title}, {self.type.title.lower()}"


def give_account(
    folder: Path, output: Output, *, published: pl.DataFrame, names: Mapping[str, str]
) -> Account:
    """Write the tables of an output into the folder of the evidence, and say what it is.

    Parameters
    ----------
    published : published cells of amounts, for the share of the largest enterprises.
    names : code -> name of areas.
    """
    rules = withheld_by_rule(output)
    return Account(
        uid=output.uid,
        topic=output.topic,
        indicator=output.indicator,
        statistic=output.statistic,
        profile=output.profile,
        verdict=judge(output, rules),
        files=write_tables(folder, output),
        context=context(output),
        values=int(output.table["value"].count()),
        rows=rows_by_status(output),
        rules=rules,
        details=section(output, published, names),
    )


def linked(account: Account, accounts: Sequence[Account]) -> list[str]:
    """Return the other outputs that show the same quantity, by their names."""
    quantity = account.entry.quantity
    if quantity is None:
        return []
    return [
        each.uid for each in accounts if each.uid != account.uid and each.entry.quantity == quantity
    ]

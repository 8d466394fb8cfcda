"""What the evidence says of each output: pass, review or fail, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from lds.disclosure.derive import WITHHELD
from lds.disclosure.evidence.counts import COUNTS, too_small, with_complement, zero_counts
from lds.disclosure.evidence.outputs import Output
from lds.disclosure.evidence.words import PUBLISHER, UNEXPLAINED, some

PASS, REVIEW, FAIL = "pass", "review", "fail"
ROUNDING_ERROR = 1e-9


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The status of an output, what speaks against it, and what needs a look, in sentences."""

    status: str
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def rule_of_row() -> pl.Expr:
    """Return the rule for which a released row is withheld; null where it is not."""
    why = pl.coalesce("rule", pl.lit(UNEXPLAINED))
    return pl.when((pl.col("mark") == WITHHELD) & pl.col("value").is_null()).then(why)


def withheld_by_rule(output: Output) -> dict[str, int]:
    """Return how many of the released rows are withheld for each rule, by the rule's id."""
    rules = output.decided.select(rule_of_row().alias("rule"))["rule"].drop_nulls()
    if not output.profile.protects:
        rules = rules.replace(UNEXPLAINED, PUBLISHER)
    counted = rules.value_counts().sort("rule")
    return dict(counted.iter_rows())


def rows_by_status(output: Output) -> dict[str, int]:
    """Return how many of the rows that were asked for have each status."""
    return dict(output.rows["status"].value_counts().sort("status").iter_rows())


def too_certain(cells: pl.DataFrame) -> int:
    """Return how many withheld cells can be narrowed down further than is allowed.

    Parameters
    ----------
    cells : with ``lower``, ``upper`` and ``needed``; where one is null nothing is said.
    """
    room = pl.col("upper") - pl.col("lower") - pl.col("needed")
    return int(cells.select((room < -ROUNDING_ERROR).sum()).item())


def judge(output: Output, rules: Mapping[str, int]) -> Verdict:
    """Return what an output's own rows and cells say of it.

    It fails where a released row stands on too few records, a row is withheld without a rule, or a
    withheld cell is known more exactly than the profile allows; it is to be reviewed where rows are
    withheld or widened, or zeros are shown; and passes otherwise.

    Parameters
    ----------
    rules : rows withheld by rule, as `withheld_by_rule` returns them.
    """
    if not output.profile.protects:
        return Verdict(status=PASS)
    faults = []
    shown = output.rows.filter(pl.col("status") == "released")
    counted = with_complement(shown, output.type)
    for name, words in COUNTS.items():
        few = counted.select(too_small(name, output.type, output.profile).sum()).item()
        if few:
            faults.append(f"{some(few, 'released row')} on too few {words}.")
    unasked = output.decided.filter(
        pl.col("value").is_not_null() & pl.col("status").ne_missing("released")
    )
    if unasked.height:
        faults.append(f"{some(unasked.height, 'row')} with a value that the gate did not release.")
    if UNEXPLAINED in rules:
        faults.append(f"{some(rules[UNEXPLAINED], 'withheld row')} and no rule that says why.")
    valued = output.decided["value"].count()
    if shown.height > valued:
        faults.append(f"{some(shown.height - valued, 'released row')} not in the table.")
    tight = too_certain(output.intervals)
    if tight:
        faults.append(f"{some(tight, 'withheld cell')} not uncertain enough.")
    unaudited = output.intervals["width"].null_count()
    if unaudited and output.profile.secondary:
        faults.append(f"{some(unaudited, 'withheld cell')} not audited.")
    if faults:
        return Verdict(status=FAIL, faults=tuple(faults))
    notes = tuple(_notes(output, shown, sum(rules.values())))
    changed = {"withheld", "widened"} & set(rows_by_status(output))
    return Verdict(status=REVIEW if rules or changed or notes else PASS, notes=notes)


def _notes(output: Output, shown: pl.DataFrame, withheld: int) -> Iterator[str]:
    """Yield what is no fault and yet needs a look."""
    zeros = shown.select(zero_counts(output.type, output.profile).sum()).item()
    if zeros:
        yield f"{some(zeros, 'released count')} of zero: nobody must be able to be in them."
    values = int(output.table["value"].count())
    if withheld and not values:
        yield "Every row is withheld: is it worth releasing?"
    elif withheld > values:
        whole = withheld + values
        yield f"{withheld:,} of {some(whole, 'row')} withheld: wider categories would show more."


def worst(verdicts: Iterable[Verdict]) -> str:
    """Return the gravest status of several outputs; pass for none."""
    found = {each.status for each in verdicts}
    return next((status for status in (FAIL, REVIEW) if status in found), PASS)

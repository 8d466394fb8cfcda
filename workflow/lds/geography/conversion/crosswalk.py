"""The table that one conversion goes by: which code gives how much to which LAD."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise

import polars as pl

from lds.geography.conversion.kinds import Kind
from lds.geography.conversion.weights import Weights
from lds.geography.register import Register
from lds.geography.translation import REMEMBERED, links, not_convertible

CROSSWALK: dict[str, type[pl.DataType]] = {
    "from_code": pl.String,
    "to_code": pl.String,
    "match": pl.String,
    "path": pl.String,
    "covers": pl.Int64,
    "whole": pl.Int64,
    "weight": pl.Int64,
    "target_weight": pl.Int64,
    "share_before": pl.Float64,
    "share_after": pl.Float64,
    "bit": pl.Int64,
    "reason": pl.String,
}


@dataclass(frozen=True, eq=False)
class Crosswalk:
    """How values of one kind get from every code to the LADs of one day.

    Attributes
    ----------
    usable, refused : one row per pair of codes: ``from_code``; ``to_code``; ``match`` (``exact`` or
        ``best_fit``); ``path``; ``covers`` and ``whole`` (sets of bits, see
        `lds.geography.translation.territories`); ``weight`` (of the land that both share) and
        ``target_weight`` (null where unknown); ``share_before`` and ``share_after``: the part gets
        what lies between these two shares of the source's value, and those of a source run from
        0 to 1; ``bit``, a power of two that tells the sources of one target apart. ``refused``
        are pairs that the kind or the want of weights forbids; ``reason`` says why.
    reasons : why each code that does not lead to LADs of that day does not.
    """

    usable: pl.DataFrame
    refused: pl.DataFrame
    reasons: dict[str, str]

    @property
    def pairs(self) -> pl.DataFrame:
        """The rows of `usable`, then those of `refused`."""
        return pl.concat([self.usable, self.refused])


@lru_cache(maxsize=REMEMBERED)
def build_crosswalk(register: Register, to: date, kind: Kind, weights: Weights) -> Crosswalk:
    """Return the crosswalk of `kind` to the LADs of day `to`.

    Raises
    ------
    GeographyError : when the register is not complete for `to`.
    """
    sizes = weights.of()
    told = dict(not_convertible(register, to).iter_rows())
    unweighted = f"no weight is known for it ({weights.basis})."
    rows = []
    sources: dict[str, int] = {}
    pairs = links(register, to)
    for (code,), group in pairs.group_by("from_code", maintain_order=True):
        parts = group["to_code"].to_list()
        shares = running_shares([sizes.get(part) for part in parts])
        for row, (before, after) in zip(group.iter_rows(named=True), shares, strict=True):
            same_land = row["covers"] == row["whole"]
            divided = len(parts) > 1
            part = row["to_code"] if divided else code
            weight, target = sizes.get(part), sizes.get(row["to_code"])
            if same_land and not divided and (weight is None or target is None):
                weight = target = 1
            bit = sources[row["to_code"]] = 2 * sources.get(row["to_code"], 0) or 1
            match = "best_fit" if divided and kind.backward == "divided" else row["match"]
            reason = None
            if divided and kind.backward == "refused":
                reason = told[code]
            elif divided and kind.backward == "divided" and before is None:
                reason = unweighted
            elif not divided and kind.forward == "refused" and not (same_land and match == "exact"):
                reason = f"a {kind.name} of {row['to_code']} cannot be made from " + (
                    "one of other boundaries." if same_land else "those of its parts."
                )
            elif kind.coverage == "needed" and not same_land and (weight is None or not target):
                reason = unweighted
            rows.append(
                (
                    *(code, row["to_code"], match, row["path"], row["covers"], row["whole"]),
                    *(weight, target, before, after, bit, reason),
                )
            )
    table = pl.DataFrame(rows, schema=CROSSWALK, orient="row")
    refused = table.filter(pl.col("reason").is_not_null())
    reached = set(pairs["from_code"])
    reasons = {code: reason for code, reason in told.items() if code not in reached}
    reasons |= dict(refused.select("from_code", "reason").iter_rows())
    return Crosswalk(table.filter(pl.col("reason").is_null()), refused, reasons)


def running_shares(sizes: list[int | None]) -> list[tuple[float | None, float | None]]:
    """Return the running shares of parts; none where a size is unknown or all are zero."""
    if len(sizes) == 1:
        return [(0.0, 1.0)]
    known = [size for size in sizes if size is not None]
    total = sum(known)
    if len(known) < len(sizes) or total == 0:
        return [(None, None)] * len(sizes)
    running = [sum(known[:n]) for n in range(len(known) + 1)]
    return [(a / total, b / total) for a, b in pairwise(running)]

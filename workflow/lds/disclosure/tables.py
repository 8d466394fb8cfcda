"""Protection of one plain table of counts: the gate's method without topics and rows.

For a table that somebody has anyway, for benchmarks, and for comparison with other tools.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from lds.disclosure.audit import TIERS
from lds.disclosure.boxes import Boxes
from lds.disclosure.checks import check_cells
from lds.disclosure.profiles import Profile
from lds.disclosure.protection import price_of
from lds.disclosure.secondary import Problem
from lds.disclosure.structure import ALL, tree
from lds.disclosure.suppression import Needs, suppress
from lds.disclosure.system import Cells, build, largest_share
from lds.errors import DisclosureError


def protect_table(
    table: pl.DataFrame,
    dimensions: Mapping[str, Mapping[str, str | None]],
    profile: Profile,
    *,
    groups: bool = False,
) -> pl.DataFrame:
    """Withhold what a table of counts must not show.

    Parameters
    ----------
    table : one column for each dimension (text, ``all`` for the whole) and ``value``, counts.
    dimensions : per dimension the value above each value; ``all`` is above those that are not
        listed or have None.
    groups : whether a part that is nearly all of its whole is withheld (group disclosure).

    Returns
    -------
    The table with ``status`` (published, primary, secondary), ``lower`` and ``upper`` (a range that
    is proven possible for each withheld cell) and ``tier`` (what decided it).

    Raises
    ------
    DisclosureError : a cell twice, a total that is not the sum of its parts, or a negative count.
    """
    names = list(dimensions)
    if table.select(names).is_duplicated().any():
        raise DisclosureError("A table has a cell twice.", where=", ".join(names))
    trees = []
    for name in names:
        above = dict(dimensions[name])
        values = table[name].unique().sort().to_list()
        parents: dict[str, str | None] = {ALL: None}
        parents |= {value: above.get(value) or ALL for value in [*above, *values] if value != ALL}
        trees.append(tree(name, parents, group=groups))
    codes = np.column_stack(
        [
            table[name].replace_strict(
                {label: code for code, label in enumerate(each.labels)}, return_dtype=pl.Int32
            )
            for name, each in zip(names, trees, strict=True)
        ]
    )
    value = table["value"].cast(pl.Float64).to_numpy()
    cells, relations = build(
        "table",
        trees,
        Cells(codes=codes, value=value, n=value, rest=np.zeros(len(value), dtype=bool)),
        integers=True,
    )
    count = len(cells.value)
    rules = check_cells(
        pl.DataFrame(
            {
                "kind": np.full(count, "count"),
                "value": cells.value,
                "n": cells.n,
                "largest": np.zeros(count),
                "second_largest": np.zeros(count),
                "share": largest_share(cells.value, relations, trees),
                "structural_zero": np.zeros(count, dtype=bool),
            }
        ),
        profile,
    )
    primary = rules.is_not_null().to_numpy()
    low = 0.0 if profile.zeros_withheld else 1.0
    found = suppress(
        Problem(
            relations=relations,
            value=cells.value,
            n=cells.n,
            price=price_of(
                cells.value,
                cells.rest,
                np.zeros(count, dtype=bool),
                zeros_withheld=profile.zeros_withheld,
            ),
            least=np.full(count, float(profile.threshold)),
            least_n=np.zeros(count),
        ),
        Boxes(trees, cells.codes),
        Needs(
            low=np.minimum(np.where(cells.rest, 0.0, low), cells.value),
            high=np.full(count, np.inf),
            span=np.full(count, float(profile.protection.span)),
            reach=np.full(count, float(profile.protection.reach)),
            down=np.full(count, np.inf),
            integers=True,
        ),
        primary,
        cells.rest,
    )
    if found.exposed.any():
        raise DisclosureError(
            "Withheld cells can be worked out from what is published, and nothing more hides them.",
            where=f"{int(found.exposed.sum())} cells",
            remedy="Publish fewer breakdowns, or wider ones.",
        )
    own = slice(0, table.height)
    withheld = found.withheld[own]
    status = np.where(primary[own], "primary", np.where(withheld, "secondary", "published"))
    return table.with_columns(
        pl.Series("status", status.astype(str)),
        pl.Series("lower", np.where(withheld, found.findings.low[own], np.nan)).fill_nan(None),
        pl.Series("upper", np.where(withheld, found.findings.high[own], np.nan)).fill_nan(None),
        pl.Series("tier", np.array(TIERS)[found.findings.tier[own]].astype(str)),
    )

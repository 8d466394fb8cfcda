"""The protection of all cells: unsafe ones, those that hide them, and the audited range of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from lds.disclosure.audit import PROPAGATION, TIERS, Findings
from lds.disclosure.boxes import Boxes
from lds.disclosure.cells import ENTERPRISES, OVERLAPPING
from lds.disclosure.profiles import Profile
from lds.disclosure.secondary import NEVER, Problem
from lds.disclosure.structure import ALL, Dimension, area_dimension, window_dimension
from lds.disclosure.suppression import Needs, Suppression, merged, suppress
from lds.disclosure.swaps import find_swaps
from lds.disclosure.system import Cells, Flags, Values, build, largest_share
from lds.disclosure.vocabulary import SEPARATOR, Classification, Quantity, parse_breakdown
from lds.errors import DisclosureError

DECISION = {
    "cell": pl.Int64,
    "status": pl.String,
    "rule": pl.String,
    "protects": pl.Int64,
    "lower": pl.Float64,
    "upper": pl.Float64,
    "tier": pl.String,
    "needed": pl.Float64,
}
"""What is decided on a cell."""
TOLD = "told"
"""The rule of an unsafe cell that an earlier release shows."""
WORTH_A_CELL = 20.0
"""Value that is worth as much as one more cell, when what to withhold is chosen: between the fewest
cells and the smallest ones. Measured against the optimum of small tables (`make bench`)."""
AREA, PERIOD, CATEGORY = "area", "period", "category"
Checker = Callable[[pl.DataFrame, Profile], pl.Series]
"""`lds.disclosure.checks.check_cells`."""


@dataclass(frozen=True, kw_only=True)
class AreaTree:
    """How areas contain each other.

    Attributes
    ----------
    parents : the area that contains each: LSOA to LAD, LAD to region, region to England, and a
        district of another day to the one that it became part of.
    groups : areas made of others, with their members: custom areas.
    """

    parents: Mapping[str, str]
    groups: Mapping[str, tuple[str, ...]]

    @property
    def narrow(self) -> list[str]:
        """The areas below regions, and those made of others."""
        wide = set(self.parents.values()) - set(self.parents)
        inner = [code for code, above in self.parents.items() if above not in wide]
        return sorted({*inner, *self.groups})


@dataclass(frozen=True, kw_only=True)
class SystemSize:
    """Counts for the evidence."""

    quantity: str
    space: str
    cells: int
    relations: int
    rounds: int


@dataclass(frozen=True, kw_only=True)
class Protected:
    """The decision on every cell.

    Attributes
    ----------
    dropped : numbers of cells whose tables nothing could hide: none of these is published, and
        they are not among `cells`.
    cells : the columns of ``Shown.cells`` and ``status`` (published, primary, secondary, implied),
        ``rule``, ``protects``, ``lower``, ``upper``, ``tier``, ``needed``; at the end what is left
        of wholes, with a ``breakdown`` or ``area`` that says so.
    sizes : one entry per quantity.
    """

    cells: pl.DataFrame
    dropped: pl.Series
    sizes: list[SystemSize]


class QuantitySystem:
    """The linear system of one quantity."""

    def __init__(
        self,
        cells: pl.DataFrame,
        areas: AreaTree,
        quantity: Quantity,
        space: str,
        classifications: dict[str, Classification],
        *,
        all_parts: bool = False,
    ) -> None:
        self.frame = cells
        self.integers = quantity.kind == "count" or space == ENTERPRISES
        adds = set() if space == ENTERPRISES else set(quantity.adds_over)
        adds -= {PERIOD} if space == OVERLAPPING else set()
        self.dimensions, codes = _coded(cells, areas, adds, classifications)
        value = cells["value"].to_numpy().astype(np.float64)
        self.cells, self.relations = build(
            f"{quantity.id}{f' ({space})' if space else ''}",
            self.dimensions,
            Cells(
                codes=codes,
                value=value,
                n=cells["n"].to_numpy().astype(np.float64),
                rest=np.zeros(len(value), dtype=bool),
            ),
            integers=self.integers,
            all_parts=all_parts,
        )

    @property
    def own(self) -> int:
        """Number of cells that rows show; what is left of wholes comes after them."""
        return self.frame.height

    def padded(self, column: str, fill: float) -> Values:
        """Return a column of the cells, with `fill` for missing values and for rests."""
        values = np.full(len(self.cells.value), fill)
        values[: self.own] = self.frame[column].cast(pl.Float64).fill_null(fill).to_numpy()
        return values

    def for_checks(self) -> pl.DataFrame:
        """Return the cells in the columns that `check_cells` reads."""
        ceiling = self.padded("ceiling", np.nan)
        amount = "count" if self.integers else "amount"
        # Nobody knows how the rest of a whole is spread over enterprises: one of them may be all.
        largest = np.where(self.cells.rest, self.cells.value, self.padded("largest", 0.0))
        return pl.DataFrame(
            {
                "kind": np.full(len(ceiling), amount),
                "value": self.cells.value,
                "n": self.cells.n,
                "largest": largest,
                "second_largest": self.padded("second_largest", 0.0),
                "share": largest_share(self.cells.value, self.relations, self.dimensions),
                "structural_zero": ceiling == 0,
            }
        ).with_columns(pl.col("share").fill_nan(None))


def _coded(
    cells: pl.DataFrame,
    areas: AreaTree,
    adds: set[str],
    classifications: dict[str, Classification],
) -> tuple[list[Dimension], np.ndarray]:
    """Return the dimensions of cells and their codes, outcomes last."""
    area = area_dimension(
        cells["area"].unique().to_list(), areas.parents, areas.groups, adds=AREA in adds
    )
    windows = cells.select("start", "end").unique().sort("start", "end")
    period = window_dimension(list(windows.iter_rows()), adds=PERIOD in adds)
    texts = cells["breakdown"].unique().sort()
    parsed = [dict(parse_breakdown(text, classifications)) for text in texts]
    names = sorted(
        {name for pairs in parsed for name in pairs},
        key=lambda name: (classifications[name].outcome, name),
    )
    dimensions = [
        area,
        period,
        *(classifications[name].dimension(adds=CATEGORY in adds) for name in names),
    ]
    numbers = [{label: code for code, label in enumerate(each.labels)} for each in dimensions]
    by_text = np.array(
        [
            [codes[pairs.get(name, ALL)] for name, codes in zip(names, numbers[2:], strict=True)]
            for pairs in parsed
        ],
        dtype=np.int32,
    ).reshape(len(texts), len(names))
    text_code = cells["breakdown"].cast(pl.Enum(texts)).to_physical().to_numpy()
    area_code = cells["area"].replace_strict(numbers[0], return_dtype=pl.Int32).to_numpy()
    window_code = cells.select("start", "end").join(
        windows.with_row_index("code"), on=["start", "end"], how="left", maintain_order="left"
    )["code"]
    codes = np.column_stack([area_code, window_code.to_numpy(), by_text[text_code]])
    return dimensions, codes.astype(np.int32)


def _needs(system: QuantitySystem, profile: Profile) -> Needs:
    value, rest = system.cells.value, system.cells.rest
    count = len(value)
    high = system.padded("ceiling", np.inf)
    protection = profile.protection
    if system.integers:
        # Where zeros are published, a withheld cell is known to be none.
        low = np.where(rest | profile.zeros_withheld, 0.0, 1.0)
        return Needs(
            low=np.minimum(low, value),
            high=np.maximum(high, value),
            span=np.full(count, float(protection.span)),
            reach=np.full(count, float(protection.reach)),
            down=np.full(count, np.inf),
            integers=True,
        )
    share = (protection.percent or 0.0) / 100
    return Needs(
        low=np.zeros(count),
        high=np.maximum(high, value),
        span=np.zeros(count),
        reach=value * (1 + share),
        down=value * (1 - share),
        integers=False,
    )


def price_of(value: Values, rest: Flags, locked: Flags, *, zeros_withheld: bool) -> Values:
    """Return what withholding a cell costs: one cell lost, and more the more it tells of.

    Parameters
    ----------
    locked : cells that are public already, so that withholding them hides nothing.
    """
    price = 1.0 + np.maximum(value, 0.0) / WORTH_A_CELL
    if not zeros_withheld:
        price[value == 0] = NEVER
    price[locked] = NEVER
    price[rest] = 0.0
    return price


def protect_quantity(
    system: QuantitySystem,
    profile: Profile,
    check_cells: Checker,
    *,
    revealed: Flags,
    known_before: Flags,
    forced: pl.Series,
    start: Flags,
) -> tuple[pl.DataFrame, Suppression | None]:
    """Decide on the cells of one quantity.

    Parameters
    ----------
    revealed : per cell that rows show, whether a row is asked for that would show it.
    known_before : per such cell, whether an earlier release shows the same value.
    forced : per such cell, the rule by which it must be withheld, null for none.
    start : per such cell, whether to withhold it from the start, as an attempt before did.

    Returns
    -------
    One line per cell, what is left of wholes at the end: ``status, rule, protects, lower, upper,
    tier, needed``, ``protects`` counted from the first cell of the quantity.
    """
    found_rule = check_cells(system.for_checks(), profile)
    padding = pl.repeat(None, len(found_rule) - len(forced), dtype=pl.String, eager=True)
    rule = pl.select(pl.coalesce(pl.concat([forced, padding]), found_rule)).to_series()
    primary = rule.is_not_null().to_numpy()
    pad = len(primary) - system.own
    free = np.concatenate([~revealed, np.ones(pad, dtype=bool)])
    locked = np.concatenate([known_before, np.zeros(pad, dtype=bool)])
    told = primary & locked
    rule = rule.zip_with(~pl.Series(told), pl.Series([TOLD]).new_from_index(0, len(rule)))
    needs = _needs(system, profile)
    if not profile.secondary:
        return _undecided(rule, primary, free), None
    problem = Problem(
        relations=system.relations,
        value=system.cells.value,
        n=system.cells.n,
        price=price_of(
            system.cells.value, free & ~locked, locked, zeros_withheld=profile.zeros_withheld
        ),
        least=np.full(len(primary), float(profile.threshold) if system.integers else 0.0),
        least_n=np.full(len(primary), 0.0 if system.integers else float(profile.enterprises or 0)),
    )
    boxes = Boxes(system.dimensions, system.cells.codes)
    begun = np.concatenate([start & ~known_before, np.zeros(pad, dtype=bool)])
    rise = np.maximum(needs.reach, problem.value + needs.span) - problem.value
    swapped, causes, swaps = find_swaps(
        system.dimensions,
        system.cells.codes,
        system.relations,
        problem.value,
        problem.price,
        rise,
        (primary & ~locked) | begun,
        free & ~locked,
        system.cells.rest,
    )
    found = suppress(
        problem, boxes, needs, primary & ~locked, free & ~locked, swaps=swaps, start=begun | swapped
    )
    cause = np.where(found.withheld & (found.cause < 0), causes, found.cause)
    found = replace(found, cause=cause)
    return _decided(rule, primary, free, found, needs, _told(told, system.cells.value)), found


def _told(told: Flags, value: Values) -> Findings:
    """Return what a reader knows of unsafe cells that an earlier release shows: their values."""
    known = np.where(told, value, np.nan)
    return Findings(
        low=known, high=known, exposed=told, tier=np.where(told, PROPAGATION, 0).astype(np.int8)
    )


def _status(primary: Flags, withheld: Flags, free: Flags) -> pl.Series:
    status = np.where(
        primary,
        "primary",
        np.where(free, "implied", np.where(withheld, "secondary", "published")),
    )
    return pl.Series("status", status.astype(str))


def _undecided(rule: pl.Series, primary: Flags, free: Flags) -> pl.DataFrame:
    empty = pl.lit(None, dtype=pl.Float64)
    return pl.DataFrame({"status": _status(primary, primary, free), "rule": rule}).with_columns(
        pl.lit(None, dtype=pl.Int64).alias("protects"),
        empty.alias("lower"),
        empty.alias("upper"),
        pl.lit(None, dtype=pl.String).alias("tier"),
        empty.alias("needed"),
    )


def _decided(
    rule: pl.Series,
    primary: Flags,
    free: Flags,
    found: Suppression,
    needs: Needs,
    told: Findings,
) -> pl.DataFrame:
    status = _status(primary, found.withheld, free)
    shown = found.withheld | told.exposed
    findings = merged(found.findings, told, told.exposed)
    needed = np.where(needs.span > 0, needs.span, needs.reach - needs.down)
    names = np.array(TIERS)
    secondary = (status == "secondary").to_numpy()
    return pl.DataFrame(
        {
            "status": status,
            "rule": pl.Series("rule", rule).zip_with(
                pl.Series(~secondary), pl.Series(["secondary"]).new_from_index(0, len(rule))
            ),
            "protects": np.where(secondary, found.cause, -1),
            "lower": np.where(shown, findings.low, np.nan),
            "upper": np.where(shown, findings.high, np.nan),
            "tier": np.where(shown, names[findings.tier], ""),
            "needed": np.where(shown, needed, np.nan),
        }
    ).with_columns(
        pl.col("protects").replace(-1, None),
        pl.col("lower", "upper", "needed").fill_nan(None),
        pl.when(pl.col("tier") != "").then(pl.col("tier")).alias("tier"),
    )


def _rests(system: QuantitySystem) -> pl.DataFrame:
    """Return what is left of wholes in the columns of cells, its place in words."""
    codes = system.cells.codes[system.own :]
    labels = []
    for place, dimension in enumerate(system.dimensions):
        wholes = [*dimension.labels, *(dimension.labels[whole] for whole, _ in dimension.covers)]
        names = pl.Series([*dimension.labels, *(f"rest of {each}" for each in wholes)])
        labels.append(names[codes[:, place]])
    categories = [
        pl.when(label != ALL).then(pl.format("{}={}", pl.lit(dimension.name), label))
        for label, dimension in zip(labels[2:], system.dimensions[2:], strict=True)
    ]
    windows = labels[1].str.extract(r"(\d{4}-\d\d-\d\d/\d{4}-\d\d-\d\d)")
    text = (
        pl.concat_str(categories, separator=SEPARATOR, ignore_nulls=True)
        if categories
        else pl.lit("")
    )
    kind = system.frame["kind"][0]
    return pl.select(
        area=labels[0],
        start=windows.str.slice(0, 10).str.to_date(),
        end=windows.str.slice(11).str.to_date(),
        breakdown=text,
        kind=pl.lit(kind),
        value=pl.Series(system.cells.value[system.own :]),
        n=pl.Series(system.cells.n[system.own :]),
    ).with_columns(
        pl.when(labels[1].str.starts_with("rest"))
        .then(pl.concat_str(pl.lit("rest of period "), "breakdown"))
        .otherwise(pl.col("breakdown").replace("", ALL))
        .alias("breakdown")
    )


def check_sums(
    cells: pl.DataFrame,
    areas: AreaTree,
    quantities: Mapping[str, Quantity],
    classifications: dict[str, Classification],
    *,
    all_parts: bool = True,
) -> None:
    """Make sure that the parts of every whole add up to it.

    Parameters
    ----------
    cells : the columns of ``Shown.cells``.
    all_parts : whether they are all that were counted.

    Raises
    ------
    DisclosureError : a whole below the sum of its parts, or above it where they are complete.
    """
    groups = cells.partition_by("quantity", "space", as_dict=True, maintain_order=True)
    for (quantity, space), own in groups.items():
        QuantitySystem(
            own, areas, quantities[quantity], space, classifications, all_parts=all_parts
        )


def protect_cells(
    cells: pl.DataFrame,
    *,
    areas: AreaTree,
    profiles: Mapping[str, Profile],
    quantities: Mapping[str, Quantity],
    classifications: dict[str, Classification],
    check_cells: Checker,
) -> Protected:
    """Decide on every cell of every quantity.

    Parameters
    ----------
    cells : the columns of ``Shown.cells``, and ``revealed`` (a row is asked for that would show
        it), ``known_before`` (an earlier release shows the same value) and ``forced`` (a rule by
        which it must be withheld, or null).
    profiles : quantity -> the profile that governs it.

    Raises
    ------
    DisclosureError : a total that is not the sum of its parts, or cells that nothing can hide.
    """
    decided = [pl.DataFrame(schema=DECISION)]
    sizes: list[SystemSize] = []
    rests = int(cells.select(pl.col("cell").max()).item() or 0) + 1
    found_rests: list[pl.DataFrame] = []
    dropped = [pl.Series("cell", [], dtype=pl.Int64)]
    groups = cells.partition_by("quantity", "space", as_dict=True, maintain_order=True)
    for (quantity, space), own in groups.items():
        start = np.zeros(own.height, dtype=bool)
        while True:
            system = QuantitySystem(own, areas, quantities[quantity], space, classifications)
            decision, found = protect_quantity(
                system,
                profiles[quantity],
                check_cells,
                revealed=own["revealed"].to_numpy(),
                known_before=own["known_before"].to_numpy(),
                forced=own["forced"],
                start=start,
            )
            if found is None or not found.exposed.any():
                break
            lost = _tables_of(system, found.exposed)
            dropped.append(own.filter(lost)["cell"].cast(pl.Int64))
            start = found.withheld[: own.height][~lost.to_numpy()]
            own = own.filter(~lost)
        left = _rests(system).with_columns(
            pl.lit(quantity).alias("quantity"), pl.lit(space).alias("space")
        )
        numbers = pl.concat(
            [own["cell"].cast(pl.Int64), pl.int_range(rests, rests + left.height, eager=True)]
        )
        rests += left.height
        sizes.append(
            SystemSize(
                quantity=quantity,
                space=space,
                cells=len(system.cells.value),
                relations=system.relations.count,
                rounds=found.rounds if found else 0,
            )
        )
        decided.append(_with_numbers(decision, numbers).select(*DECISION))
        found_rests.append(left.with_columns(numbers[own.height :].alias("cell")))
    lost_cells = pl.concat(dropped)
    kept = cells.cast({"cell": pl.Int64}).filter(~pl.col("cell").is_in(lost_cells.implode()))
    everything = pl.concat([kept, *found_rests], how="diagonal_relaxed")
    return Protected(
        cells=everything.join(pl.concat(decided), on="cell", how="left").sort("cell"),
        dropped=lost_cells,
        sizes=sizes,
    )


def _tables_of(system: QuantitySystem, exposed: Flags) -> pl.Series:
    """Return which of the cells that rows show are in a table with an exposed cell.

    A table is all cells of one area by the same dimensions and the same length of period. Of what
    is left of a whole, it is the table of the whole.

    Raises
    ------
    DisclosureError : the exposed cells are public already, by an earlier release.
    """
    codes = system.cells.codes.astype(np.int64)
    for place, dimension in enumerate(system.dimensions):
        size = len(dimension.labels)
        wholes = np.array([whole for whole, _ in dimension.covers] or [0])
        column = codes[:, place]
        cover = np.maximum(column - 2 * size, 0)
        column = np.where(column >= 2 * size, wholes[cover % len(wholes)], column)
        codes[:, place] = np.where(column >= size, column - size, column)
    days = system.dimensions[1].labels
    length = np.array([_days(label) for label in days])[codes[:, 1]]
    shape = (codes[:, 2:] > 0) @ (2 ** np.arange(codes.shape[1] - 2))
    tables = pl.DataFrame({"area": codes[:, 0], "days": length, "shape": shape})
    lost = tables.filter(pl.Series(exposed)).unique()
    own = tables.head(system.own).with_row_index("place")
    hit = own.join(lost, on=["area", "days", "shape"], how="semi")["place"]
    known = system.frame["known_before"]
    flags = own["place"].is_in(hit.implode()) & ~known
    if not flags.any():
        raise DisclosureError(
            "Earlier releases show cells from which withheld ones can be worked out.",
            where=f"quantity {system.frame['quantity'][0]}: {int(exposed.sum())} cells",
            remedy="Take the indicator out of the release, or agree with the output checker on what"
            " the earlier release already shows.",
        )
    return flags


def _days(window: str) -> int:
    start, _, end = window.partition("/")
    return (date.fromisoformat(end) - date.fromisoformat(start)).days + 1


def _with_numbers(decision: pl.DataFrame, numbers: pl.Series) -> pl.DataFrame:
    """Number the cells as all quantities together do."""
    protects = decision["protects"]
    return decision.with_columns(
        numbers.alias("cell"),
        pl.when(protects.is_not_null())
        .then(numbers.gather(protects.fill_null(0)))
        .alias("protects"),
    )

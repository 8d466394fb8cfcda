"""What earlier releases already show: a reader has them beside the new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from lds.contracts import load_table_contract
from lds.disclosure.cells import CELL_KEY, shown_cells
from lds.disclosure.profiles import Profile
from lds.disclosure.protection import AreaTree
from lds.disclosure.release import open_release
from lds.disclosure.vocabulary import Classification, Quantity
from lds.io import read_json
from lds.topics import IndicatorEntry

RULE = "difference"
NOT_REVISED, CONFIRMED, NONE = TRUST = ("not revised", "confirmed", "none")
"""Which cells of earlier releases still hold: all of areas and periods where nothing was revised as
far as one sees; only where a number was shown again as it was; none."""
_NO_ROWS = pl.DataFrame(schema=load_table_contract("indicators").released.polars_schema)


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """An earlier release.

    Attributes
    ----------
    tables : its released tables, by topic.
    groups : the members of the custom areas that it has.
    """

    tables: Mapping[str, pl.DataFrame]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def _as_inside(table: pl.DataFrame) -> pl.DataFrame:
    """Return released rows in the columns that `shown_cells` reads.

    A numerator that is a whole number, under a denominator that is `n`, is the count of cases;
    other numerators are weighted, and tell no count exactly.
    """
    counted = pl.col("denominator").is_null() | (pl.col("denominator") == pl.col("n"))
    rate = pl.col("statistic").str.ends_with("rate")
    whole = pl.col("numerator") == pl.col("numerator").round()
    cases = (
        pl.when(pl.col("statistic") == "count")
        .then(pl.col("value"))
        .when(whole & (counted | rate))
        .then(pl.col("numerator"))
    )
    missing = pl.lit(None)
    return table.filter(pl.col("value").is_not_null()).with_columns(
        cases.round().cast(pl.Int64).alias("cases"),
        pl.coalesce("n", pl.lit(0)).alias("n"),
        missing.cast(pl.Float64).alias("largest"),
        missing.cast(pl.Float64).alias("second_largest"),
        missing.cast(pl.Date).alias("before_start"),
        missing.cast(pl.Date).alias("before_end"),
        missing.cast(pl.Int64).alias("before_cases"),
    )


def known_areas(areas: AreaTree, releases: Sequence[Earlier]) -> tuple[AreaTree, list[Earlier]]:
    """Return the areas with the custom ones of earlier releases, and the releases in their codes.

    A custom area that had other members then is another area, and gets a code of its own.
    """
    groups = {code: tuple(members) for code, members in areas.groups.items()}
    renamed = []
    for place, release in enumerate(releases):
        codes = {}
        for code, members in sorted(release.groups.items()):
            same = set(groups.setdefault(code, tuple(members))) == set(members)
            codes[code] = code if same else f"{code} of release {place}"
            groups[codes[code]] = tuple(members)
        tables = {
            topic: table.with_columns(pl.col("area").replace(codes))
            for topic, table in release.tables.items()
        }
        renamed.append(Earlier(tables=tables, groups={}))
    return AreaTree(parents=areas.parents, groups=groups), renamed


def earlier_cells(
    releases: Sequence[Earlier],
    indicators: Mapping[tuple[str, str], IndicatorEntry],
    quantities: Mapping[str, Quantity],
    classifications: dict[str, Classification],
    profiles: Mapping[str, Profile],
) -> pl.DataFrame:
    """Return the cells that earlier releases show: `CELL_KEY`, ``kind``, ``value``, ``n``,
    ``ceiling`` and ``release`` (the place of the release).

    An indicator counts as what it is now. Quantities under a profile that rounds are left out: what
    was published of them is not what was counted.
    """
    no_rows = _as_inside(_NO_ROWS).with_row_index("row")
    nothing = shown_cells(no_rows, {}, quantities, classifications).cells
    found = [nothing.drop("cell").with_columns(pl.lit(0, dtype=pl.Int64).alias("release"))]
    for place, release in enumerate(releases):
        rows = pl.concat(
            [_as_inside(table) for _, table in sorted(release.tables.items())]
        ).with_row_index("row")
        shown = shown_cells(rows, indicators, quantities, classifications, lenient=True).cells
        found.append(
            shown.drop("cell").with_columns(pl.lit(place, dtype=pl.Int64).alias("release"))
        )
    exact = sorted(name for name, profile in profiles.items() if profile.rounding is None)
    return pl.concat(found).filter(pl.col("quantity").is_in(exact))


def compare(
    cells: pl.DataFrame,
    earlier: pl.DataFrame,
    profiles: Mapping[str, Profile],
    told: pl.Series,
    *,
    first: int,
    trust: str = TRUST[0],
) -> pl.DataFrame:
    """Hold new cells against those of earlier releases.

    Parameters
    ----------
    cells : ``Shown.cells`` of the new release, and ``revealed``.
    earlier : from `earlier_cells`.
    told : cells that must not be shown, since what they leave of a whole changed by too little.
    first : the number of the first cell that is added.
    trust : of the cells that only earlier releases show, which still hold, one of `TRUST`.

    Returns
    -------
    `cells` with ``known_before`` (an earlier release shows the same value) and ``forced`` (the rule
    of a count that an earlier one would tell a small difference from). Cells that only earlier
    releases show are added where they still hold: a reader adds them to the rest.
    """
    thresholds = pl.DataFrame(
        [(name, profile.threshold) for name, profile in sorted(profiles.items())],
        schema={"quantity": pl.String, "least": pl.Int64},
        orient="row",
    )
    apart = (pl.col("value") - pl.col("earlier_value")).abs()
    both = cells.select(*CELL_KEY, "value").join(
        earlier.select(*CELL_KEY, pl.col("value").alias("earlier_value")), on=CELL_KEY
    )
    both = both.with_columns(apart.alias("apart")).join(thresholds, on="quantity", how="left")
    seen = both.group_by(CELL_KEY).agg(
        (pl.col("apart") == 0).any().alias("known_before"),
        ((pl.col("apart") > 0) & (pl.col("apart") < pl.col("least"))).any().alias("near"),
    )
    place = ["quantity", "space", "area", "start", "end"]
    still = earlier.filter(pl.col("quantity").is_in(cells["quantity"].unique().implode()))
    if trust != NOT_REVISED:
        still = still.join(both.filter(pl.col("apart") == 0), on=place, how="semi")
    others = (
        still.filter(pl.lit(trust != NONE))
        .join(both.filter(pl.col("apart") > 0), on=place, how="anti")
        .sort(*CELL_KEY, "release")
        .unique(CELL_KEY, keep="first", maintain_order=True)
        .join(cells, on=CELL_KEY, how="anti")
        .drop("release")
        .with_columns(pl.lit(True).alias("known_before"))
    )
    joined = cells.join(seen, on=CELL_KEY, how="left", maintain_order="left").with_columns(
        pl.col("known_before").fill_null(False),
        pl.when((pl.col("near") & ~pl.col("known_before")) | pl.col("cell").is_in(told.implode()))
        .then(pl.lit(RULE))
        .alias("forced"),
    )
    added = others.with_columns(
        pl.int_range(first, first + pl.len()).cast(pl.UInt32).alias("cell"),
        pl.lit(None, dtype=pl.String).alias("forced"),
        pl.lit(False).alias("revealed"),
    )
    columns = [*cells.columns, "known_before", "forced"]
    return pl.concat([joined.select(columns), added.select(columns)])


def read_earlier(folder: Path) -> Earlier:
    """Read an earlier release, of any vintage, after checking it against its checksums.

    Raises
    ------
    ReleaseError : files missing or altered.
    """
    info = read_json(folder / "release.json") if (folder / "release.json").is_file() else {}
    vintage = date.fromisoformat(info.get("vintage", date.min.isoformat()))
    release = open_release(folder, vintage=vintage, topics=info.get("topics", ()))
    return Earlier(
        tables={
            topic: pl.read_parquet(folder / f"{topic}.parquet") for topic in release.info["topics"]
        },
        groups={area["code"]: tuple(area["lads"]) for area in info.get("custom_areas", [])},
    )

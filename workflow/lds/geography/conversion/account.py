"""The account of a conversion: what became of every code, row and value, and of the totals."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal

import duckdb
import polars as pl

from lds.database import query
from lds.errors import GeographyError
from lds.geography.conversion.crosswalk import Crosswalk
from lds.geography.conversion.kinds import Kind
from lds.geography.register import Register
from lds.geography.translation import not_convertible, predecessors


@dataclass(frozen=True, kw_only=True)
class Account:
    """What became of everything that a conversion was given.

    Attributes
    ----------
    source, vintage, kind : what was converted, the target day (ISO), the kind of value.
    basis : what the weights measure.
    minimum_coverage : share of the weights that had to have a value; null where none had to.
    codes, rows : how many were ``given``, ``matched``, ``lost``; rows without a code are lost.
    people : residents (by the register, latest year) of the codes ``matched`` and ``lost``; codes
        whose residents are unknown count as none.
    values : ``placed`` with a code, ``used``, ``below_coverage`` (too few parts of an area have
        one), ``not_convertible``.
    totals : for each column that adds up ``before``, ``after``, ``incomplete`` (some part of the
        area is missing), ``not_convertible``, ``without_code``; exact decimals as text.
    not_convertible : why each lost code leads nowhere.
    paths : the codes that each matched code passed through, where it changed.
    areas : number of areas that are ``exact``; codes behind each area that is ``best_fit``; areas
        ``without_source``; those that the source knows only by codes ``made_from_later_codes``;
        codes behind each area that nothing of this kind converts (``not_convertible``).
    """

    source: str
    vintage: str
    kind: str
    basis: str
    minimum_coverage: float | None
    codes: dict[str, int]
    rows: dict[str, int]
    people: dict[str, int]
    values: dict[str, int]
    totals: dict[str, dict[str, str]]
    not_convertible: dict[str, str]
    paths: dict[str, list[str]]
    areas: dict[str, object] = field(default_factory=dict)

    @property
    def unmatched_share(self) -> float:
        """Share of the rows that no LAD of the vintage got."""
        return self.rows["lost"] / self.rows["given"] if self.rows["given"] else 0.0

    def to_dict(self) -> dict[str, object]:
        """Return the account as JSON has it."""
        return asdict(self)


def make_account(
    con: duckdb.DuckDBPyConnection,
    register: Register,
    crosswalk: Crosswalk,
    *,
    kind: Kind,
    source: str,
    to: date,
    basis: str,
    minimum_coverage: float | None,
    without_code: pl.DataFrame,
) -> Account:
    """Count what became of table ``given`` in table ``converted``; the sums must agree.

    Parameters
    ----------
    con : has the tables ``given``, ``crosswalk`` and ``converted`` of a conversion.
    without_code : one row: ``n_rows`` and the total of each column that adds up, of rows without
        a code.

    Raises
    ------
    GeographyError : values or totals went missing without a reason.
    """
    by_code = _by_code(con, kind)
    usable = crosswalk.usable["from_code"].unique().to_list()
    lost = by_code.filter(~pl.col("from_code").is_in(usable))
    matched = by_code.filter(pl.col("from_code").is_in(usable))
    nowhere = int(without_code["n_rows"].sum())
    live = register.live_on(to)["code"].to_list()
    lost_codes = lost["from_code"].to_list()
    return Account(
        source=source,
        vintage=to.isoformat(),
        kind=kind.name,
        basis=basis,
        minimum_coverage=minimum_coverage,
        codes=_counted(by_code.height, matched.height),
        rows=_counted(int(by_code["n_rows"].sum()) + nowhere, int(matched["n_rows"].sum())),
        people=_people(register, matched, lost),
        values=_values(con, by_code, lost, source),
        totals=_totals(con, kind, by_code, lost, without_code, source),
        not_convertible={code: crosswalk.reasons[code] for code in lost_codes},
        paths=_paths(crosswalk, matched["from_code"].to_list()),
        areas={
            **_areas(con, register, live, lost_codes),
            "not_convertible": _codes_behind(crosswalk.refused, lost_codes),
        },
    )


def areas_account(
    con: duckdb.DuckDBPyConnection,
    register: Register,
    crosswalk: Crosswalk,
    *,
    kind: Kind,
    source: str,
    to: date,
    basis: str,
    minimum_coverage: float | None,
    without_code: pl.DataFrame,
) -> Account:
    """Return the account of a conversion to areas made of LADs, of the codes that they share.

    Areas may overlap and need not cover England, so there are no ``values`` or ``totals`` that
    could add up. Parameters are those of `make_account`.
    """
    by_code = _by_code(con, kind)
    usable = crosswalk.usable["from_code"].unique().to_list()
    concerned = by_code.filter(
        pl.col("from_code").is_in(crosswalk.pairs["from_code"].unique().to_list())
    )
    matched = concerned.filter(pl.col("from_code").is_in(usable))
    lost = concerned.filter(~pl.col("from_code").is_in(usable))
    given = concerned["from_code"].to_list()
    targets = crosswalk.pairs["to_code"].unique().sort().to_list()
    return Account(
        source=source,
        vintage=to.isoformat(),
        kind=kind.name,
        basis=basis,
        minimum_coverage=minimum_coverage,
        codes=_counted(concerned.height, matched.height),
        rows=_counted(int(concerned["n_rows"].sum()), int(matched["n_rows"].sum())),
        people=_people(register, matched, lost),
        values={},
        totals={},
        not_convertible={code: crosswalk.reasons[code] for code in lost["from_code"]},
        paths={},
        areas={
            **_areas(con, register, targets, []),
            "not_convertible": _codes_behind(crosswalk.refused, given),
        },
    )


def rows_account(
    register: Register,
    crosswalk: Crosswalk,
    single: pl.DataFrame,
    counts: pl.DataFrame,
    *,
    source: str,
    to: date,
) -> Account:
    """Return the account of a conversion of rows: nothing is added up, so no values or totals.

    Parameters
    ----------
    single : the rows of ``crosswalk.usable`` that rows may go by.
    counts : ``from_code`` (null: rows without a code), ``n_rows``.
    """
    known = counts.filter(pl.col("from_code").is_not_null())
    reached = pl.col("from_code").is_in(single["from_code"].to_list())
    matched, lost = known.filter(reached), known.filter(~reached)
    lost_codes = lost["from_code"].to_list()
    live = register.live_on(to)["code"].to_list()
    given = pl.col("from_code").is_in(matched["from_code"].to_list())
    present = set(single.filter(given)["to_code"])
    told = dict(not_convertible(register, to).iter_rows())
    return Account(
        source=source,
        vintage=to.isoformat(),
        kind="rows",
        basis="none",
        minimum_coverage=None,
        codes=_counted(known.height, matched.height),
        rows=_counted(int(counts["n_rows"].sum()), int(matched["n_rows"].sum())),
        people=_people(register, matched, lost),
        values={},
        totals={},
        not_convertible={code: told[code] for code in lost_codes},
        paths=_paths(crosswalk, matched["from_code"].to_list()),
        areas={
            "without_source": [code for code in live if code not in present],
            "made_from_later_codes": _later_codes(register, live, lost_codes),
        },
    )


def _counted(given: int, matched: int) -> dict[str, int]:
    return {"given": given, "matched": matched, "lost": given - matched}


def _people(register: Register, matched: pl.DataFrame, lost: pl.DataFrame) -> dict[str, int]:
    people = dict(register.population.sort("year").select("code", "population").iter_rows())
    return {
        name: sum(people.get(code, 0) for code in table["from_code"])
        for name, table in (("matched", matched), ("lost", lost))
    }


def refuse_unmatched(account: Account, maximum_share: float) -> None:
    """Raise `GeographyError` when more than `maximum_share` of the rows found no LAD."""
    if account.unmatched_share > maximum_share:
        raise GeographyError(
            f"{account.source}: {account.unmatched_share:.2%} of the rows lead to no district of"
            f" {account.vintage}; at most {maximum_share:.2%} may.",
            where=f"{account.rows['lost']} of {account.rows['given']} rows",
            values=list(account.not_convertible) or ["rows without a code"],
            remedy="Choose a vintage that the codes lead to, correct the codes, or raise"
            " geography.max_unmatched_share. Why each code leads nowhere: "
            + " ".join(list(account.not_convertible.values())[:1] or ["it is missing."]),
        )


def _by_code(con: duckdb.DuckDBPyConnection, kind: Kind) -> pl.DataFrame:
    sums = "".join(
        f', sum(cast("{column}" as decimal(38, 6))) as "{column}"' for column in kind.adds
    )
    return query(
        con,
        "select from_code, sum(n_rows)::bigint as n_rows,"
        f" count({' + '.join(kind.values)}) as n_values"
        f"{sums} from given group by from_code order by from_code",
    )


def _values(
    con: duckdb.DuckDBPyConnection, by_code: pl.DataFrame, lost: pl.DataFrame, source: str
) -> dict[str, int]:
    # An area that got a part of a divided value has just that value behind it.
    many = "select from_code from crosswalk group by from_code having count(*) > 1"
    divided = query(con, many)["from_code"].to_list()
    parts = query(
        con,
        "select coalesce(sum(parts) filter (value is not null), 0)::bigint as used,"
        " coalesce(sum(parts) filter (value is null), 0)::bigint as thin"
        " from converted inner join combinations using (area, combination)"
        f" where from_codes not in ({many})",
    ).row(0)
    shared = int(by_code.filter(pl.col("from_code").is_in(divided))["n_values"].sum())
    placed, gone = int(by_code["n_values"].sum()), int(lost["n_values"].sum())
    used, thin = int(parts[0]) + shared, int(parts[1])
    if placed != used + thin + gone:
        raise GeographyError(
            f"The conversion of {source} lost values:"
            f" {placed} placed, {used} used, {thin} below coverage, {gone} not convertible."
        )
    return {"placed": placed, "used": used, "below_coverage": thin, "not_convertible": gone}


def _totals(
    con: duckdb.DuckDBPyConnection,
    kind: Kind,
    by_code: pl.DataFrame,
    lost: pl.DataFrame,
    without_code: pl.DataFrame,
    source: str,
) -> dict[str, dict[str, str]]:
    found = {}
    for column in kind.adds:
        after, incomplete = query(
            con,
            f'select sum("{column}"), sum("carried_{column}") filter ("{column}" is null)'
            " from converted",
        ).row(0)
        sums = {
            "after": _exact(after),
            "incomplete": _exact(incomplete),
            "not_convertible": _exact(lost[column].sum()),
            "without_code": _exact(without_code[column].sum()),
        }
        before = _exact(by_code[column].sum()) + sums["without_code"]
        if before != sum(sums.values()):
            raise GeographyError(
                f"The conversion of {source} changed the total of {column}: {before} before, "
                + ", ".join(f"{amount} {name}" for name, amount in sums.items())
                + "."
            )
        found[column] = {
            name: f"{amount.normalize():f}" for name, amount in {"before": before, **sums}.items()
        }
    return found


def _exact(amount: object) -> Decimal:
    return Decimal(str(amount)) if amount is not None else Decimal(0)


def _paths(crosswalk: Crosswalk, codes: list[str]) -> dict[str, list[str]]:
    paths: dict[str, list[str]] = {}
    changed = crosswalk.usable.filter(
        pl.col("from_code").is_in(codes), pl.col("from_code") != pl.col("to_code")
    )
    for code, path in changed.select("from_code", "path").iter_rows():
        paths.setdefault(code, []).append(path)
    return paths


def _areas(
    con: duckdb.DuckDBPyConnection, register: Register, live: list[str], lost: list[str]
) -> dict[str, object]:
    by_area = query(
        con,
        "select area, bool_and(match = 'exact') as exact,"
        " list(distinct from_codes) filter (match = 'best_fit') as from_codes"
        " from converted inner join combinations using (area, combination)"
        " group by area order by area",
    )
    behind = by_area.filter(pl.col("from_codes").list.len() > 0)
    present = set(by_area["area"])
    return {
        "exact": int(by_area["exact"].sum()),
        "best_fit": {
            area: sorted({code for codes in listed for code in codes.split(" ")})
            for area, listed in behind.select("area", "from_codes").iter_rows()
        },
        "without_source": [code for code in live if code not in present],
        "made_from_later_codes": _later_codes(register, live, lost),
    }


def _codes_behind(refused: pl.DataFrame, lost: list[str]) -> dict[str, list[str]]:
    pairs = refused.filter(pl.col("from_code").is_in(lost)).sort("to_code", "from_code")
    found: dict[str, list[str]] = {}
    for area, code in pairs.select("to_code", "from_code").iter_rows():
        found.setdefault(area, []).append(code)
    return found


def _later_codes(register: Register, live: list[str], backward: list[str]) -> dict[str, list[str]]:
    """Return the areas of the vintage that the source knows only through codes made later."""
    found: dict[str, list[str]] = {}
    for later in backward:
        for code in predecessors(register, later)["code"].to_list():
            if code in live:
                found.setdefault(code, []).append(later)
    return {code: sorted(codes) for code, codes in sorted(found.items())}

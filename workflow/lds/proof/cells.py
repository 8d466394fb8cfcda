"""The CSVs of a page held against the released tables, key by key.

A column of values is explained when one kind of released row (one indicator, statistic, measure
and so on, as far as the CSV does not name them itself) has every one of its cells at the key of its
row. So a value of another measure or day, a value that is withheld, a row or a column too many is
found.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from lds.proof.declared import SELF, Column, Declared, Derivation
from lds.proof.derivations import DERIVATIONS
from lds.topics import ENGLAND

Place = tuple[str, str, str]
"""Place, what is wrong, and what was found."""

_KINDS = ("indicator", "statistic", "comparator", "measure", "breakdown", "period", "start", "end")
"""What distinguishes the released rows of an area."""
_DAYS = frozenset(("start", "end", "period"))
_SHARED = ("measure", "breakdown")
"""What the columns of one CSV have in common, whosever values they are."""
_NUMERIC = ("number", "integer")
_ROW = "_row"
NOT_RELEASED = "no released value for this row"


@dataclass(frozen=True)
class Embedded:
    """A CSV of a page: its text, and its cells by column, empty where missing."""

    text: str
    columns: Mapping[str, list[str]]

    @classmethod
    def read(cls, text: str) -> Embedded:
        """Read the text of a CSV.

        Raises
        ------
        ValueError : no header, a name that stands twice, or rows of different lengths.
        """
        header, *rows = [*csv.reader(io.StringIO(text))] or [[]]
        if (
            not header
            or len({*header}) != len(header)
            or any(len(row) != len(header) for row in rows)
        ):
            raise ValueError("not a table")
        cells = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in header]
        return cls(text, dict(zip(header, cells, strict=True)))

    def rows_with(self, name: str, odd: Collection[str], what: str) -> Iterator[Place]:
        """Yield the cells of a column that are among the odd ones."""
        if odd:
            for row, cell in enumerate(self.columns[name], 1):
                if cell in odd:
                    yield f"row {row}, column {name}", what, cell


class ReleasedCells:
    """The released rows of one topic, found by area and voice.

    Parameters
    ----------
    table : released table of the topic.
    regions : code of the region of each area; None where it lies in several.
    labels : words of the project that a label may be.
    marks : columns that every row carries, and their value.
    """

    def __init__(
        self,
        table: pl.DataFrame,
        declared: Declared,
        *,
        regions: Mapping[str, str | None],
        labels: Collection[str],
        marks: Mapping[str, str],
    ) -> None:
        self._areas = {
            str(area): rows for (area,), rows in table.partition_by("area", as_dict=True).items()
        }
        self._empty = table.clear()
        self._declared = declared
        self._regions = regions
        self._labels = frozenset(labels)
        self._marks = marks
        self._domains = {name: set(table[name].unique()) for name in (*_KINDS, "area")}
        self._domains["area"] |= regions.keys()
        self._numbers = lru_cache(maxsize=32)(self._numbers_of)
        self._side = lru_cache(maxsize=128)(self._columns_of)
        # Tables of many areas stand on many pages.
        self._of_many = lru_cache(maxsize=64)(self._of_text)

    def numbers(self, area: str) -> Iterator[float]:
        """Yield every released number about an area and its comparators.

        Shares as per cent too, and the years of the rows.
        """
        for code in (area, self._regions.get(area), ENGLAND):
            if code:
                yield from self._numbers(code)

    def _numbers_of(self, area: str) -> list[float]:
        rows = self._areas.get(area, self._empty)
        numeric = [each.name for each in self._declared.contract.columns if each.type in _NUMERIC]
        found = [rows[name].cast(pl.Float64) for name in numeric]
        years = [rows[name].dt.year().cast(pl.Float64) for name in ("start", "end")]
        numbers = pl.concat([*found, 100 * rows["coverage"], *years])
        return numbers.drop_nulls().unique().sort().to_list()

    def whole(self, area: str, text: str) -> int | None:
        """Return the cells of a CSV that is the released rows about an area, as they stand there.

        None where it is anything else.
        """
        rows = self._areas.get(area, self._empty)
        header = text.partition("\n")[0].split(",")
        if not {*header} <= {*rows.columns, *self._marks} or not {*header} >= {*_KINDS}:
            return None
        marks = [pl.lit(value).alias(name) for name, value in self._marks.items()]
        expected = rows.with_columns(marks).select(header)
        if expected.write_csv() != text:
            return None
        return int(expected.height * expected.width - sum(expected.null_count().row(0)))

    def check(self, area: str, figure: str, embedded: Embedded) -> tuple[list[Place], int]:
        """Return the cells of a CSV that the release does not explain, and how many it has.

        Parameters
        ----------
        area : the area of the page.
        figure : id of the figure; "" for the table of the whole page.
        """
        columns = [self._declared.column(name) for name in embedded.columns]
        if figure and any(each == Column("key", "area") for each in columns):
            places = self._of_many("", figure, embedded.text)
        else:
            places = self._of_frame(area, figure, embedded)
        return places, sum(map(_count, embedded.columns.values()))

    def _of_text(self, area: str, figure: str, text: str) -> list[Place]:
        return self._of_frame(area, figure, Embedded.read(text))

    def _of_frame(self, area: str, figure: str, embedded: Embedded) -> list[Place]:
        places: list[Place] = []
        keys: dict[str, str] = {}
        values: dict[str, Column] = {}
        for index, (name, cells) in enumerate(embedded.columns.items(), 1):
            column = self._declared.column(name)
            if name in self._marks:
                odd = {*cells} - {self._marks[name]}
                places += embedded.rows_with(name, odd, "another release than the page's")
            elif rule := self._declared.derivation(figure, name):
                places += _derived(embedded, name, rule)
            elif column is None:
                places.append((f"column {index}", "the proof does not know such a column", name))
            elif column.kind == "label":
                odd = {*cells} - self._labels - {""}
                places += embedded.rows_with(name, odd, "no name that the project knows")
            elif column.kind == "key":
                keys[column.target] = name
            else:
                values[name] = column
        places += self._values(area, embedded, keys, values)
        return places

    def _values(
        self, area: str, embedded: Embedded, keys: Mapping[str, str], values: Mapping[str, Column]
    ) -> Iterator[Place]:
        """Yield the cells that have no released value at their key."""
        if not keys:
            yield "columns", "none of them says which released rows are meant", ""
            return
        typed = self._typed(embedded, keys, values)
        wrong = list(self._wrong_keys(typed, embedded, keys))
        yield from wrong
        if wrong:
            return
        alike: dict[tuple[str, tuple[str, ...]], dict[str, str]] = {}
        for name, column in values.items():
            own = tuple(key for key in keys if not column.keys or key in column.keys)
            alike.setdefault((column.of, own), {})[name] = column.target
        kinds: list[set[tuple[object, ...]]] = []
        for (voice, own), targets in alike.items():
            apart = _apart(own)
            wanted = tuple(sorted({*targets.values()}))
            if "area" in keys:
                released = _columns(self._of_areas(area, voice, typed, keys), own, apart, wanted)
            else:
                code = self._regions.get(area) if voice == "region" else ENGLAND
                for_area = self._side(area, voice, own, wanted)
                others = [self._side(code, SELF, own, wanted)] if voice != SELF and code else []
                released = pl.concat([for_area, *others]) if others else for_area
            for places, explaining in _explain(embedded, typed, released, own, apart, targets):
                yield from places
                if explaining is not None and {*_SHARED} <= {*apart}:
                    shared = [apart.index(name) for name in _SHARED]
                    kinds.append({tuple(kind[at] for at in shared) for kind in explaining})
        if kinds and not set.intersection(*kinds):
            yield "columns", "values of different measures side by side", ""

    def _typed(
        self, embedded: Embedded, keys: Mapping[str, str], values: Mapping[str, Column]
    ) -> pl.DataFrame:
        """Return keys by the names of the released table and values as ``=name``, in its types."""
        schema = self._declared.contract.polars_schema
        columns = [
            *((target, name, schema[target]) for target, name in keys.items()),
            *((f"={name}", name, schema[column.target]) for name, column in values.items()),
        ]
        texts = pl.DataFrame({name: embedded.columns[name] for _, name, _ in columns}, orient="col")
        missing = {name: pl.col(name).replace("", None) for name in texts.columns}
        return texts.select(
            pl.int_range(1, pl.len() + 1).alias(_ROW),
            *(
                (
                    missing[name].str.to_date("%Y-%m-%d", strict=False)
                    if kind == pl.Date
                    else missing[name].cast(kind, strict=False)
                ).alias(alias)
                for alias, name, kind in columns
            ),
        )

    def _wrong_keys(
        self, typed: pl.DataFrame, embedded: Embedded, keys: Mapping[str, str]
    ) -> Iterator[Place]:
        """Yield keys that no released row has."""
        for target, name in keys.items():
            cells = typed[target].to_list()
            unknown = set(cells) - self._domains[target]
            if unknown:
                texts = zip(embedded.columns[name], cells, strict=True)
                odd = {text for text, cell in texts if cell in unknown}
                yield from embedded.rows_with(name, odd, "no released row has such a key")

    def _of_areas(
        self, area: str, voice: str, typed: pl.DataFrame, keys: Mapping[str, str]
    ) -> pl.DataFrame:
        """Return the released rows that a CSV with areas may show."""
        if "comparator" in keys:
            return self._areas.get(area, self._empty)
        named = (self._areas.get(code) for code in typed["area"].unique(maintain_order=True))
        rows = pl.concat([self._empty, *(each for each in named if each is not None)])
        return rows.filter(pl.col("comparator") == voice)

    def _columns_of(
        self, area: str, comparator: str, keys: tuple[str, ...], wanted: tuple[str, ...]
    ) -> pl.DataFrame:
        rows = self._areas.get(area, self._empty).filter(pl.col("comparator") == comparator)
        return _columns(rows, keys, _apart(keys), wanted)


def _columns(
    rows: pl.DataFrame, keys: Sequence[str], apart: Sequence[str], wanted: Sequence[str]
) -> pl.DataFrame:
    """Return keys, what distinguishes rows beside them, and values as ``#name``."""
    return rows.select(*keys, *apart, *(pl.col(name).alias(f"#{name}") for name in wanted))


def _apart(keys: Collection[str]) -> list[str]:
    """Return what still distinguishes the released rows that share the keys of a CSV."""
    days_named = not _DAYS.isdisjoint(keys)
    return [
        name
        for name in _KINDS
        if name not in keys and not (days_named and name in ("start", "end"))
    ]


def _explain(
    embedded: Embedded,
    typed: pl.DataFrame,
    released: pl.DataFrame,
    keys: Sequence[str],
    apart: Sequence[str],
    targets: Mapping[str, str],
) -> Iterator[tuple[list[Place], list[tuple[object, ...]] | None]]:
    """Yield, for each column, its unexplained cells and the kinds of row that explain it whole.

    A kind has the values of `apart`. They are None where the column is empty and says nothing.
    """
    joined = typed.join(released, on=keys)
    # With every key in the CSV there is one kind only.
    kinds = [pl.col(name) for name in apart] or [pl.lit("all").alias("kind")]
    equal = {name: pl.col(f"={name}") == pl.col(f"#{target}") for name, target in targets.items()}
    counts = {name: _count(embedded.columns[name]) for name in targets}
    for name, target in targets.items():
        if target == "mark" and counts[name]:
            # What was never released at all is marked x.
            known = set(joined[_ROW].to_list())
            marks = enumerate(embedded.columns[name], 1)
            counts[name] -= sum(text == "x" and row not in known for row, text in marks)
    found = (
        joined.group_by(kinds, maintain_order=True)
        .agg(pl.col(_ROW).filter(same).n_unique().alias(name) for name, same in equal.items())
        .filter(pl.any_horizontal(pl.col(name) == count for name, count in counts.items()))
        .rows()
    )
    for place, (name, target) in enumerate(targets.items(), len(kinds)):
        texts = embedded.columns[name]
        if not counts[name]:
            yield [], None
            continue
        whole = [row[: len(kinds)] for row in found if row[place] == counts[name]]
        if whole:
            yield [], whole
            continue
        hits = joined.filter(equal[name]).group_by(kinds, maintain_order=True).agg(pl.col(_ROW))
        rows: list[list[int]] = hits[_ROW].to_list()
        best = max(rows, key=lambda own: len({*own}), default=[])
        unknown = {row for row, text in enumerate(texts, 1) if text} - {*best}
        if target == "mark":
            known = set(joined[_ROW].to_list())
            unknown = {row for row in unknown if row in known or texts[row - 1] != "x"}
        yield (
            [
                (f"row {row}, column {name}", NOT_RELEASED, texts[row - 1])
                for row in sorted(unknown)
            ],
            None,
        )


def _count(texts: Sequence[str]) -> int:
    """Return how many cells are not empty."""
    return len(texts) - texts.count("")


def _derived(embedded: Embedded, name: str, rule: Derivation) -> Iterator[Place]:
    """Yield the cells of a derived column that are not what its rule gives."""
    texts = embedded.columns
    try:
        expected = DERIVATIONS[rule.rule](texts, rule, name)
    except (KeyError, ValueError):
        yield f"column {name}", "cannot be worked out from the other columns", ""
        return
    for row, (cell, value) in enumerate(zip(texts[name], expected, strict=True), 1):
        if cell and _number(cell) != value:
            yield f"row {row}, column {name}", f"not the {rule.rule} of {rule.of}", cell


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None

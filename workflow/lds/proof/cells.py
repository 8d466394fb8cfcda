"""The CSVs of a page held against the released tables, key by key.

A column of values is explained when one kind of released row (one indicator, statistic, measure
and so on, as far as the CSV does not name them itself) has every one of its cells at the key of its
row. So a value of another measure or day, a value that is withheld, a row or a column too many is
found.
"""

from __future__ import annotations

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
    """A CSV of a page, and its cells as text; empty ones are missing."""

    text: str
    frame: pl.DataFrame

    @classmethod
    def read(cls, text: str) -> Embedded:
        """Read the text of a CSV.

        Raises
        ------
        ValueError : rows of different lengths.
        """
        try:
            return cls(text, pl.read_csv(io.StringIO(text), infer_schema=False))
        except pl.exceptions.PolarsError as error:
            raise ValueError("not a table") from error

    def texts(self) -> dict[str, list[str]]:
        """Return the cells by column, empty where missing."""
        return {name: self.frame[name].fill_null("").to_list() for name in self.frame.columns}

    def rows_with(self, name: str, odd: Collection[str], what: str) -> Iterator[Place]:
        """Yield the cells of a column that are among the odd ones."""
        if odd:
            for row, cell in enumerate(self.frame[name].fill_null("").to_list(), 1):
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
        self._own = lru_cache(maxsize=32)(self._rows_of_area)
        self._numbers = lru_cache(maxsize=32)(self._numbers_of)
        self._voice = lru_cache(maxsize=4)(self._rows_of_voice)
        # Tables of many areas stand on many pages.
        self._of_many = lru_cache(maxsize=64)(self._of_text)

    def _rows_of_area(self, area: str) -> pl.DataFrame:
        return self._areas.get(area, self._empty).filter(pl.col("comparator") == SELF)

    def numbers(self, area: str) -> Iterator[float]:
        """Yield every released number about an area and its comparators; shares as per cent too."""
        for code in (area, self._regions.get(area), ENGLAND):
            if code:
                yield from self._numbers(code)

    def _numbers_of(self, area: str) -> list[float]:
        rows = self._areas.get(area, self._empty)
        numeric = [each.name for each in self._declared.contract.columns if each.type in _NUMERIC]
        found = [rows[name].cast(pl.Float64) for name in numeric]
        return pl.concat([*found, 100 * rows["coverage"]]).drop_nulls().unique().sort().to_list()

    def check(self, area: str, figure: str, embedded: Embedded) -> tuple[list[Place], int]:
        """Return the cells of a CSV that the release does not explain, and how many it has.

        Parameters
        ----------
        area : the area of the page.
        figure : id of the figure; "" for the table of the whole page.
        """
        columns = [self._declared.column(name) for name in embedded.frame.columns]
        if figure and any(each == Column("key", "area") for each in columns):
            places = self._of_many("", figure, embedded.text)
        else:
            places = self._of_frame(area, figure, embedded)
        return places, int(sum(embedded.frame.count().row(0)))

    def _of_text(self, area: str, figure: str, text: str) -> list[Place]:
        return self._of_frame(area, figure, Embedded.read(text))

    def _of_frame(self, area: str, figure: str, embedded: Embedded) -> list[Place]:
        places: list[Place] = []
        keys: dict[str, str] = {}
        values: dict[str, Column] = {}
        for index, name in enumerate(embedded.frame.columns, 1):
            column = self._declared.column(name)
            cells = set(embedded.frame[name].unique())
            if name in self._marks:
                odd = {cell or "" for cell in cells} - {self._marks[name]}
                places += embedded.rows_with(name, odd, "another release than the page's")
            elif rule := self._declared.derivation(figure, name):
                places += _derived(embedded, name, rule)
            elif column is None:
                places.append((f"column {index}", "the proof does not know such a column", name))
            elif column.kind == "label":
                odd = {cell for cell in cells if cell and cell not in self._labels}
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
        if self._is_whole(area, typed, keys, values):
            return
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
            released = self._candidates(area, voice, typed, keys)
            for places, explaining in _explain(typed, released, own, apart, targets):
                yield from places
                if explaining is not None and {*_SHARED} <= {*apart}:
                    kinds.append(set(explaining.select(_SHARED).iter_rows()))
        if kinds and not set.intersection(*kinds):
            yield "columns", "values of different measures side by side", ""

    def _is_whole(
        self,
        area: str,
        typed: pl.DataFrame,
        keys: Mapping[str, str],
        values: Mapping[str, Column],
    ) -> bool:
        """Whether a CSV is the released rows about an area, as many and in their order."""
        rows = self._areas.get(area, self._empty)
        if len(keys) < len(self._declared.contract.key) - 1 or rows.height != typed.height:
            return False
        same = {
            **{key: key for key in keys},
            **{f"={name}": each.target for name, each in values.items()},
        }
        texts = typed.select(pl.col(f"?{name}").count() for name in values).row(0)
        cast = typed.select(pl.col(f"={name}").count() for name in values).row(0)
        return texts == cast and typed.select(*same).equals(
            rows.select(pl.col(name).alias(alias) for alias, name in same.items())
        )

    def _typed(
        self, embedded: Embedded, keys: Mapping[str, str], values: Mapping[str, Column]
    ) -> pl.DataFrame:
        """Return keys by the names of the released table, values as ``=name`` and ``?name``.

        Values stand there in the type of the released column, and as text.
        """
        schema = self._declared.contract.polars_schema
        columns = [
            *((target, name, schema[target]) for target, name in keys.items()),
            *((f"={name}", name, schema[column.target]) for name, column in values.items()),
        ]
        return embedded.frame.select(
            pl.int_range(1, pl.len() + 1).alias(_ROW),
            *(
                (
                    pl.col(name).str.to_date("%Y-%m-%d", strict=False)
                    if kind == pl.Date
                    else pl.col(name).cast(kind, strict=False)
                ).alias(alias)
                for alias, name, kind in columns
            ),
            *(pl.col(name).alias(f"?{name}") for name in values),
        )

    def _wrong_keys(
        self, typed: pl.DataFrame, embedded: Embedded, keys: Mapping[str, str]
    ) -> Iterator[Place]:
        """Yield keys that no released row has."""
        for target, name in keys.items():
            cells = typed[target].to_list()
            unknown = set(cells) - self._domains[target]
            if unknown:
                texts = embedded.texts()[name]
                odd = {text for text, cell in zip(texts, cells, strict=True) if cell in unknown}
                yield from embedded.rows_with(name, odd, "no released row has such a key")

    def _candidates(
        self, area: str, voice: str, typed: pl.DataFrame, keys: Mapping[str, str]
    ) -> pl.DataFrame:
        """Return the released rows that a voice of a CSV may show."""
        if "area" in keys and "comparator" in keys:
            return self._areas.get(area, self._empty)
        if "area" in keys:
            named = (self._areas.get(code) for code in typed["area"].unique(maintain_order=True))
            rows = pl.concat([self._empty, *(each for each in named if each is not None)])
            return rows.filter(pl.col("comparator") == voice)
        return self._own(area) if voice == SELF else self._voice(area, voice)

    def _rows_of_voice(self, area: str, voice: str) -> pl.DataFrame:
        for_area = self._areas.get(area, self._empty).filter(pl.col("comparator") == voice)
        code = self._regions.get(area) if voice == "region" else ENGLAND
        return pl.concat([for_area, self._own(code)]) if code else for_area


def _apart(keys: Collection[str]) -> list[str]:
    """Return what still distinguishes the released rows that share the keys of a CSV."""
    days_named = not _DAYS.isdisjoint(keys)
    return [
        name
        for name in _KINDS
        if name not in keys and not (days_named and name in ("start", "end"))
    ]


def _explain(
    typed: pl.DataFrame,
    released: pl.DataFrame,
    keys: Sequence[str],
    apart: Sequence[str],
    targets: Mapping[str, str],
) -> Iterator[tuple[list[Place], pl.DataFrame | None]]:
    """Yield, for each column, its unexplained cells and the kinds of row that explain it whole.

    The kinds are None where the column is empty and says nothing about them.
    """
    wanted = sorted({*targets.values()})
    side = released.select(*keys, *apart, *(pl.col(name).alias(f"#{name}") for name in wanted))
    joined = typed.join(side, on=keys)
    # With every key in the CSV there is one kind only.
    kinds = [pl.col(name) for name in apart] or [pl.lit("all").alias("kind")]
    equal = {name: pl.col(f"={name}") == pl.col(f"#{target}") for name, target in targets.items()}
    found = joined.group_by(kinds, maintain_order=True).agg(
        pl.col(_ROW).filter(same).n_unique().alias(f"={name}") for name, same in equal.items()
    )
    there = typed.select(pl.col(f"?{name}").count().alias(name) for name in targets).row(0)
    for (name, target), count in zip(targets.items(), there, strict=True):
        cells = typed
        if target == "mark" and count:
            # What was never released at all is marked x.
            known = pl.col(_ROW).is_in(joined[_ROW].unique().implode())
            cells = typed.filter(known | (pl.col(f"={name}") != "x"))
            count = cells[f"?{name}"].count()
        if not count:
            yield [], None
            continue
        explaining = found.filter(pl.col(f"={name}") == count)
        if explaining.height:
            yield [], explaining
            continue
        best = found.sort(f"={name}", descending=True, maintain_order=True).head(1)
        hits = joined.filter(equal[name])
        if apart:
            hits = hits.join(best, on=apart, how="semi", nulls_equal=True)
        explained = {*hits[_ROW]}
        missing = cells.filter(pl.col(f"?{name}").is_not_null()).select(_ROW, f"?{name}")
        yield (
            [
                (f"row {row}, column {name}", NOT_RELEASED, str(text))
                for row, text in missing.iter_rows()
                if row not in explained
            ],
            None,
        )


def _derived(embedded: Embedded, name: str, rule: Derivation) -> Iterator[Place]:
    """Yield the cells of a derived column that are not what its rule gives."""
    texts = embedded.texts()
    try:
        expected = DERIVATIONS[rule.rule](texts, rule)
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

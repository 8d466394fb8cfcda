"""A slice held against the released tables, without the code that made it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl

from lds.io import RESOURCES, read_yaml
from lds.proof.cells import Embedded, ReleasedCells
from lds.proof.charts import known_numbers, look_at_chart, strange_markup
from lds.proof.declared import Declared
from lds.proof.derivations import Rows
from lds.proof.findings import Finding
from lds.proof.marks import read_drawing
from lds.proof.pages import DIGIT
from lds.proof.words import (
    Numbers,
    counts,
    figure_texts,
    numbers_of,
    other_texts,
    strings_of,
    unexplained,
)

DATA = "data"


class SliceScan:
    """The scan of all slices of a topic.

    Parameters
    ----------
    topic : its id.
    table : its released table.
    release : the content of ``release.json``.
    areas : the reference table of areas.
    resources : the small tables that the topic reads.
    """

    def __init__(
        self,
        topic: str,
        *,
        table: pl.DataFrame,
        release: Mapping[str, Any],
        areas: pl.DataFrame,
        resources: Iterable[Path],
        declared: Declared,
    ) -> None:
        self._declared = declared
        sources = [each for each in release["sources"] if topic in each["topics"]]
        labels = read_yaml(RESOURCES / f"{topic}.yaml")
        words = {*areas["name"], *strings_of(labels)}
        for path in resources:
            frame = pl.read_csv(path)
            for name in frame.select(pl.selectors.string()).columns:
                words.update(frame[name].drop_nulls())
        self._cells = ReleasedCells(
            table,
            declared,
            regions=dict(areas.select("code", "region_code").iter_rows()),
            labels=words,
            marks={
                "release": release["id"],
                "synthetic": str(any(each["synthetic"] for each in sources)).lower(),
            },
        )
        named = (text for text in words if DIGIT.search(text))
        self._phrases = sorted({*declared.phrases, *named}, key=len, reverse=True)
        self._areas = {row["code"]: row for row in areas.iter_rows(named=True)}
        told = [
            sources,
            [each for each in release["gaps"] if each["topic"] == topic],
            release["profiles"],
            [release["id"], release["vintage"]],
        ]
        self._strings = {*strings_of(told), *strings_of(labels)}
        accounts = [
            each
            for each in release["conversions"]
            if each["source"] in {source["id"] for source in sources}
        ]
        shares = [100 * (each["minimum_coverage"] or 0) for each in accounts]
        self._accounts = Numbers([*numbers_of([accounts, sources]), *shares])

    def scan(self, file: str, slice: Mapping[str, Any]) -> tuple[list[Finding], Counter[str]]:
        """Return what a slice holds that the release does not explain, and how much was looked at.

        Parameters
        ----------
        file : name of the slice below ``results/public``.
        """
        code = slice["area"]["code"]
        places: list[tuple[str, str, str]] = []
        seen: Counter[str] = Counter()
        tables = {name: str(each["csv"]["text"]) for name, each in slice["figures"].items()}
        if slice["data"]:
            tables[""] = str(slice["data"]["text"])
        read: dict[str, Rows] = {}
        for name, text in tables.items():
            place = f"figures.{name}.csv" if name else DATA
            whole = None if name else self._cells.whole(code, text)
            if whole is not None:
                seen["cells"] += whole
                continue
            try:
                embedded = Embedded.read(text)
            except ValueError:
                places.append((place, "cannot be read as a table", ""))
                continue
            found, count = self._cells.check(code, name, embedded)
            places += [(f"{place}: {each[0]}", *each[1:]) for each in found]
            seen["cells"] += count
            if name:
                read[name] = embedded.columns
        numbers = list(self._cells.numbers(code)) if slice["figures"] else []
        drawings = self._charts(slice, read, numbers, places, seen)
        numbers += chain.from_iterable(self._of_table(rows) for rows in read.values())
        known = Numbers(numbers)
        told: dict[str, list[str]] = {}
        for place, text in chain(figure_texts(slice), drawings):
            if DIGIT.search(text):
                seen["texts"] += 1
                if text not in told:
                    told[text] = list(unexplained(text, known, self._phrases))
                what = "a number that no released value explains"
                places += [(place, what, number) for number in told[text]]
        places += self._others(slice, code)
        return [Finding(file, *place) for place in places], seen

    def _charts(
        self,
        slice: Mapping[str, Any],
        tables: Mapping[str, Rows],
        numbers: list[float],
        places: list[tuple[str, str, str]],
        seen: Counter[str],
    ) -> list[tuple[str, str]]:
        """Look at every chart; add its findings and its numbers; return its texts."""
        texts: list[tuple[str, str]] = []
        code = slice["area"]["code"]
        for name, figure in slice["figures"].items():
            place = f"figures.{name}.svg"
            rows = tables.get(name)
            try:
                drawing = read_drawing(figure["svg"])
            except ValueError:
                places.append((place, "cannot be read as a drawing", ""))
                continue
            texts += [(f"{place}: {each}", text) for each, text in drawing.texts]
            places += [
                (f"{place}: {each}", what, "") for each, what in strange_markup(name, drawing)
            ]
            chart = self._declared.chart(name)
            numbers += known_numbers(figure["kind"], chart)
            if rows is None:
                continue
            look = look_at_chart(figure["kind"], drawing, rows, chart, self._own_row(rows, code))
            if look is None:
                seen["charts_not_read"] += 1
                continue
            seen["charts"] += 1
            seen["coordinates_and_fills"] += look.compared
            places += [(f"{place}: {each}", what, "") for each, what in look.problems]
            numbers += [*look.ticks, *look.worked_out]
        return texts

    def _own_row(self, rows: Rows, code: str) -> int | None:
        """Return the row of the page's own area, where rows are areas."""
        for name, cells in rows.items():
            column = self._declared.column(name)
            if column is not None and column.kind == "key" and column.target == "area":
                return list(cells).index(code) if code in cells else None
        return None

    def _of_table(self, rows: Rows) -> Iterable[float]:
        """Yield the numbers of a table, and what can be counted in it."""
        keys = []
        for name, cells in rows.items():
            column = self._declared.column(name)
            if column is not None and column.kind == "key":
                keys.append(name)
            elif column is None or column.kind == "value":
                yield from _numbers_in(cells)
        yield from counts(rows, keys)

    def _others(self, slice: Mapping[str, Any], code: str) -> Iterable[tuple[str, str, str]]:
        """Yield numbers in words about area, sources and methods that nothing explains."""
        area = self._areas.get(code)
        known: Collection[str] = self._strings | {*strings_of(_plain(area))}
        for place, text in other_texts(slice):
            if DIGIT.search(text) and " ".join(text.split()) not in known:
                for number in unexplained(text, self._accounts, self._phrases):
                    yield place, "a number that the release does not tell", number


def _numbers_in(cells: Sequence[str]) -> Iterable[float]:
    for cell in {*cells}:
        try:
            yield float(cell)
        except ValueError:
            continue


def _plain(row: Mapping[str, Any] | None) -> Any:
    """Return a row of the areas with its days as text."""
    return {
        key: value.isoformat() if hasattr(value, "isoformat") else value
        for key, value in (row or {}).items()
    }

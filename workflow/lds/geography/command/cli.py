"""The command line of the geography package: ``python -m lds.geography``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from lds.errors import SHOWN_VALUES, GeographyError, LdsError, SourceError, run_command
from lds.geography.register import Register
from lds.io import canonical_json, csv_text, write_parquet, write_text

if TYPE_CHECKING:
    from lds.geography.classification.verdict import Classification

_EXAMPLES = """\
examples:
  python -m lds.geography classify cases.csv
  python -m lds.geography classify population.xls --sheet MYE2-All --json
  python -m lds.geography classify mixed.csv --split split.csv
  python -m lds.geography convert deaths.csv --to 2021-04-01 --kind deaths=count
  python -m lds.geography convert cases.csv --to 2021-04-01 --kind cases=count \\
      --kind rate=rate:cases/residents --keys date --out cases_2021.csv
  python -m lds.geography changes E07000190
  python -m lds.geography areas --at 2020-04-01
  python -m lds.geography names prices.csv --column district --at 2023-04-01

exit codes:
  0  done
  2  the command line cannot be understood
  11 a file is missing or cannot be read
  12 a code, name, date, column or kind does not fit
"""
_KINDS = """\
what to convert, as NAME=KIND or NAME=KIND:COLUMN/COLUMN; may be repeated.
deaths=count: column deaths, added up. rate=rate:cases/residents: numerator and denominator, each
added up, then divided. age=mean:mean_age/n: weighted by n. ff=change: relative change (needs
--minimum-coverage). band=category. A median, index or rank of areas that merged cannot be
converted, and says so."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; an `LdsError` ends it with the exit code of its cause."""
    asked = _parser().parse_args(arguments)
    try:
        run_command(lambda: asked.run(asked))
    except BrokenPipeError:
        # Whoever read the output (head, less) has seen enough.
        sys.stderr.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m lds.geography",
        description="English local authority districts (LADs) through time: which vintage of "
        "codes a table has, and its values on the codes of another day.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    classify = commands.add_parser("classify", help="say which vintage of codes a table has")
    _add_file(classify)
    classify.add_argument("--date-column", help="the rows' own dates (found by content otherwise)")
    classify.add_argument("--json", action="store_true", help="print everything as JSON")
    classify.add_argument(
        "--split", type=Path, metavar="OUT", help="write each row with its vintage (.csv, .parquet)"
    )
    classify.set_defaults(run=_classify)

    convert = commands.add_parser(
        "convert",
        help="carry values to the LADs of another day",
        formatter_class=argparse.RawTextHelpFormatter,
    )
    _add_file(convert)
    convert.add_argument("--to", type=_day, required=True, metavar="DATE", help="YYYY-MM-DD")
    convert.add_argument("--kind", action="append", required=True, metavar="NAME=KIND", help=_KINDS)
    convert.add_argument(
        "--keys",
        metavar="COLUMN,COLUMN",
        help="columns that tell the values of one area apart; by default every other\n"
        "column but those that the code settles, such as the area's name",
    )
    convert.add_argument(
        "--unmatched",
        choices=("error", "keep", "drop"),
        default="error",
        help="rows without an English LAD: stop (default), keep as they are, or drop",
    )
    convert.add_argument(
        "--minimum-coverage", type=float, metavar="SHARE", help="for kinds change and category"
    )
    convert.add_argument(
        "--absent",
        choices=("missing", "zero"),
        default="missing",
        help="what a part without a row means for a count or rate (default: missing)",
    )
    convert.add_argument(
        "--weights",
        action="append",
        metavar="BASIS",
        help="what divides a merged district and weighs its parts: population (default), lsoas,\n"
        "area, or FILE:COLUMN with a number for each LSOA of 2011; given again, the values\n"
        "under the others are compared with those under the first",
    )
    convert.add_argument(
        "--out", type=Path, metavar="FILE", help=".csv or .parquet (default: CSV on the terminal)"
    )
    convert.set_defaults(run=_convert)

    changes = commands.add_parser("changes", help="tell what became of a code, and its origin")
    changes.add_argument("area", metavar="CODE", help="a code, or a name that is one area's only")
    changes.add_argument("--json", action="store_true", help="print as JSON")
    changes.set_defaults(run=_changes)

    areas = commands.add_parser("areas", help="list the LADs of a day as CSV")
    areas.add_argument("--at", type=_day, required=True, metavar="DATE", help="YYYY-MM-DD")
    areas.add_argument("--json", action="store_true", help="print as JSON")
    areas.set_defaults(run=_areas)

    names = commands.add_parser("names", help="find the codes of names; nothing is guessed")
    names.add_argument("file", type=Path, metavar="FILE")
    names.add_argument("--column", required=True, help="the column of names")
    names.add_argument("--sheet", help="the sheet of a workbook")
    names.add_argument("--at", type=_day, metavar="DATE", help="the day whose areas are meant")
    names.add_argument("--json", action="store_true", help="print as JSON")
    names.set_defaults(run=_names)
    return parser


def _add_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="CSV, TSV, compressed CSV, XLSX, XLS or Parquet"
    )
    parser.add_argument("--column", help="the column of codes (found by content otherwise)")
    parser.add_argument("--sheet", help="the sheet of a workbook (the fullest of LADs otherwise)")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write YYYY-MM-DD") from None


def _classify(asked: argparse.Namespace) -> None:
    from lds.geography.classification.row_segments import split_relation
    from lds.geography.classification.table_vintage import classify_relation, open_table

    register = Register.load()
    if asked.split:
        _require_form(asked.split)
    with open_table(asked.file, column=asked.column, sheet=asked.sheet) as table:
        found = classify_relation(table, register, asked.column, asked.date_column)
        if asked.split:
            _write(asked.split, split_relation(table, found, register))
    if asked.json:
        sys.stdout.write(canonical_json(found.to_dict()))
    else:
        sys.stdout.write(_report(found))


def _report(found: Classification) -> str:
    """Return a classification as lines for a terminal."""
    kinds = [
        (label if codes == 1 else plural, f"{codes:,}", f"{rows:,}")
        for label, plural, codes, rows in found.kinds.select(
            "label", "plural", "codes", "rows"
        ).iter_rows()
    ]
    other = int(found.other_values["rows"].sum())
    if other:
        kinds.append(("no area code", f"{found.other_values.height:,}", f"{other:,}"))
    if found.blank:
        kinds.append(("blank", "", f"{found.blank:,}"))
    parts = [found.table_name or "", found.sentence(), ""]
    parts += _aligned(("in the column", "values", "rows"), kinds)
    if found.vintages.height:
        fits = found.vintages.select(
            *("first_day", "last_day", "expected", "present", "missing", "unexpected", "coverage")
        )
        rows = [
            (*map(str, row[:-1]), f"{row[-1]:.1%}", "best" if row[0] == best else "")
            for best in [found.best.first_day if found.best else None]
            for row in fits.iter_rows()
        ]
        parts += ["", *_aligned((*fits.columns, ""), rows)]
    if len(found.segments) > 1:
        rows = [
            (str(part.number), *map(str, part.window), str(len(part.codes)), _few(part.own_codes))
            for part in found.segments
        ]
        header = ("segment", "first_day", "last_day", "codes", "only here")
        parts += ["", *_aligned(header, rows)]
    if found.others:
        rows = [
            (other.name, f"{other.rows:,}", str(other.lads), *map(str, other.window or ("", "")))
            for other in found.others
        ]
        header = ("other columns of codes", "rows", "LADs", "first_day", "last_day")
        parts += ["", *_aligned(header, rows)]
    return "\n".join(parts) + "\n"


def _convert(asked: argparse.Namespace) -> None:
    from lds.geography.command.bases import find_weights
    from lds.geography.command.table_conversion import Column, convert_table

    if asked.out:
        _require_form(asked.out)
    register = Register.load()
    done = convert_table(
        asked.file,
        register,
        to=asked.to,
        values=[Column.parse(text) for text in asked.kind],
        column=asked.column,
        keys=None if asked.keys is None else [name for name in asked.keys.split(",") if name],
        sheet=asked.sheet,
        unmatched=asked.unmatched,
        minimum_coverage=asked.minimum_coverage,
        absent=asked.absent,
        weights=[find_weights(register, name) for name in asked.weights or ()],
    )
    _write(asked.out, done.table)
    notes = [done.classification.sentence()]
    if done.left_out:
        notes.append(f"Left out, as the code settles them: {_few(done.left_out, ', ')}.")
    if done.unmatched:
        verb = "kept as they came" if asked.unmatched == "keep" else "dropped"
        notes.append(f"{done.unmatched:,} rows without an English LAD were {verb}.")
    marks = [name for name in done.table.columns if name == "match" or name.startswith("match_")]
    for mark in marks:
        counts = done.table[mark].drop_nulls().value_counts().sort(mark)
        words = ", ".join(f"{count:,} {name}" for name, count in counts.iter_rows())
        notes.append(f"Rows by {mark}: {words}.")
    for row in done.sensitivity.iter_rows(named=True):
        notes.append(_difference(row))
    print("\n".join(notes), file=sys.stderr)


def _difference(row: Mapping[str, Any]) -> str:
    """Say how far the values of best-fit areas are from those under other weights."""
    text = f"{row['value']} by {row['basis']} instead of {row['reference']}: "
    if row["maximum"] is None:
        return text + f"{row['areas']} best-fit areas, whose values have no relative difference."
    return text + (
        f"at most {row['maximum']:.1%} apart, in the median {row['median']:.1%}, over"
        f" {row['areas']} best-fit areas."
    )


def _changes(asked: argparse.Namespace) -> None:
    from lds.geography.names import match_names
    from lds.geography.reference import change_sentences
    from lds.geography.translation import history

    register = Register.load()
    row = match_names([asked.area], register).row(0, named=True) if asked.area.strip() else {}
    code = row.get("code")
    if code is None:
        raise GeographyError(
            f"{asked.area!r} is not one English local authority district.",
            values=row.get("candidates", []),
            remedy="Give the code of one.",
        )
    name, start, end = (
        register.areas.filter(pl.col("code") == code)
        .select("name", "start_date", "end_date")
        .row(0)
    )
    told = change_sentences(register, code, end or register.complete_to)
    later = register.fate(code, register.complete_to)
    if asked.json:
        value = {
            "code": code,
            "name": name,
            "start_date": start.isoformat(),
            "end_date": end.isoformat() if end else None,
            "changes": _plain(history(register, code)),
            "became": later or None,
        }
        sys.stdout.write(canonical_json(value))
        return
    lines = [f"{code} {name}: {start} to {end or 'now'}"]
    lines += [f"  {change['date']}  {change['text']}" for change in told]
    if not told:
        lines.append(f"  No change from {register.complete_from} to {register.complete_to}.")
    if later:
        lines.append(f"  {later}.")
    sys.stdout.write("\n".join(lines) + "\n")


def _areas(asked: argparse.Namespace) -> None:
    from lds.geography.levels.nesting import lad_levels

    register = Register.load()
    live = register.live_on(asked.at).select("code", "name", "start_date")
    levels = lad_levels(register, asked.at)
    table = live.join(
        levels, left_on="code", right_on="lad_code", how="left", maintain_order="left"
    ).select(
        *("code", "name", "region_code", "region_name", "county_code", "county_name"),
        "start_date",
    )
    _print(table, as_json=asked.json)


def _names(asked: argparse.Namespace) -> None:
    from lds.geography.classification.table_vintage import read_values
    from lds.geography.names import match_names

    texts = read_values(asked.file, asked.column, sheet=asked.sheet)
    found = match_names(texts, Register.load(), asked.at)
    if not asked.json:
        found = found.with_columns(pl.col("candidates").list.join("; "))
    _print(found, as_json=asked.json)
    lost = found.filter(pl.col("code").is_null()).height
    print(f"{found.height - lost} of {found.height} names have a code.", file=sys.stderr)


def _print(table: pl.DataFrame, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(canonical_json(_plain(table)))
    else:
        _write(None, table)


def _require_form(path: Path) -> None:
    """Refuse a form of file that cannot be written, before any work is done."""
    if path.suffix.lower() not in (".csv", ".parquet"):
        raise SourceError(
            "A table can be written as .csv or .parquet only.",
            where=str(path),
            remedy="Give the file another ending.",
        )


def _write(path: Path | None, table: pl.DataFrame) -> None:
    """Write a table as CSV or Parquet; without a path as CSV on standard output."""
    if path is not None and path.suffix.lower() == ".parquet":
        write_parquet(path, table)
        return
    text = csv_text(table.columns, table.iter_rows())
    if path is None:
        sys.stdout.write(text)
        return
    try:
        write_text(path, text)
    except OSError as error:
        raise LdsError("The file cannot be written.", where=f"{path}: {error.strerror}") from None


def _plain(table: pl.DataFrame) -> list[dict[str, object]]:
    """Return rows with days as text, as JSON has them."""
    return table.with_columns(pl.col(pl.Date).cast(pl.String)).to_dicts()


def _aligned(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return lines in columns, numbers to the right."""
    table = [list(header), *(list(row) for row in rows)]
    widths = [max(len(row[place]) for row in table) for place in range(len(header))]
    numeric = [
        all(row[place].strip("%").replace(",", "").replace(".", "").isdigit() for row in table[1:])
        for place in range(len(header))
    ]
    return [
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(row, widths, numeric, strict=True)
        ).rstrip()
        for row in table
    ]


def _few(words: Sequence[str], between: str = " ") -> str:
    shown = between.join(words[:SHOWN_VALUES])
    more = len(words) - SHOWN_VALUES
    return f"{shown} and {more} more" if more > 0 else shown

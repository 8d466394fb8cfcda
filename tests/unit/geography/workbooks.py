"""Workbooks for tests: XLSX files written by hand, since no library of the project writes them."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

_SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_KINDS = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def write_xlsx(path: Path, sheets: Mapping[str, Sequence[Sequence[str | float | None]]]) -> Path:
    """Write sheets of text and numbers; None leaves a cell out."""
    entries, relations, types = [], [], []
    with zipfile.ZipFile(path, "w") as archive:
        for number, (name, rows) in enumerate(sheets.items(), 1):
            entries.append(f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="r{number}"/>')
            relations.append(
                f'<Relationship Id="r{number}" Type="{_OFFICE}/worksheet"'
                f' Target="worksheets/sheet{number}.xml"/>'
            )
            types.append(
                f'<Override PartName="/xl/worksheets/sheet{number}.xml"'
                f' ContentType="{_KINDS}.worksheet+xml"/>'
            )
            archive.writestr(f"xl/worksheets/sheet{number}.xml", _sheet(rows))
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{_TYPES}"><Default Extension="rels" ContentType='
            '"application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_KINDS}.sheet.main+xml"/>'
            f"{''.join(types)}</Types>",
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1"'
            f' Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{_RELATIONS}">{"".join(relations)}</Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_SPREADSHEET}" xmlns:r="{_OFFICE}">'
            f"<sheets>{''.join(entries)}</sheets></workbook>",
        )
    return path


def _sheet(rows: Sequence[Sequence[str | float | None]]) -> str:
    lines = []
    for place, row in enumerate(rows, 1):
        cells = []
        for column, value in enumerate(row):
            at = f"{chr(ord('A') + column)}{place}"
            if isinstance(value, str):
                text = f'<is><t xml:space="preserve">{escape(value)}</t></is>'
                cells.append(f'<c r="{at}" t="inlineStr">{text}</c>')
            elif value is not None:
                cells.append(f'<c r="{at}"><v>{value}</v></c>')
        lines.append(f'<row r="{place}">{"".join(cells)}</row>')
    body = "".join(lines)
    return f'<worksheet xmlns="{_SPREADSHEET}"><sheetData>{body}</sheetData></worksheet>'

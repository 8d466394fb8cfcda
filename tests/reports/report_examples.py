"""Examples that the tests of the reports share: a chart, a figure, a page as a list."""

from pathlib import Path
from typing import Any

import html5lib

ROOT = Path(__file__).parents[2]
NAME = 'Ynys Môn & <b>"Saint"</b> Alban\'s'
"""A name with everything that HTML, XML and markdown mistake for something else."""

Slice = dict[str, Any]


def chart(figure_id: str, width: int = 828, height: int = 240) -> str:
    """Return a small line chart of our own, with words on it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {height}" '
        f'aria-labelledby="{figure_id}-t {figure_id}-d">'
        f'<title id="{figure_id}-t">Visits fell in March 2020</title>'
        f'<desc id="{figure_id}-d">Line from 0 in February to −72 in April 2020.</desc>'
        f'<defs><clipPath id="{figure_id}-clip0"><path d="M0,0h{width}v{height}h-{width}Z"/>'
        f'</clipPath></defs><g clip-path="url(#{figure_id}-clip0)">'
        f'<path d="M40,20L300,180L{width - 100},60" fill="none" stroke="#12436D" '
        'stroke-width="2.5"/>'
        '<text x="40" y="14" font-family="Arial, sans-serif" font-size="12" fill="#1c1f22">+20'
        f'</text><text x="{width - 90}" y="60" font-family="Arial, sans-serif" font-size="12" '
        'font-weight="bold" fill="#12436D">This area</text></g></svg>'
    )


def figure(figure_id: str, title: str, mark: str | None = None, width: int = 828) -> Slice:
    """Return one figure with its table and CSV."""
    months = ["February 2020", "March 2020", "April 2020"]
    values = ["+1", "−31", mark or "−72"]
    return {
        "id": figure_id,
        "kind": "line",
        "title": title,
        "guide": "Change from the same weekday in January 2020, %. Line: 7-day mean.",
        "svg": chart(figure_id, width),
        "note": "Blank days were withheld by Google." if mark else None,
        "table": {
            "caption": "Median change of each month, %",
            "columns": [
                {"label": "Month", "numeric": False},
                {"label": "Days with a figure (n)", "numeric": True},
                {"label": "This area", "numeric": True},
                {"label": "Remark", "numeric": False},
            ],
            "rows": [[m, "29", v, "c"] for m, v in zip(months, values, strict=True)],
        },
        "csv": {
            "name": f"E07000131_{figure_id}.csv",
            "text": 'date,value,note\n2020-02-15,1,"50% & ""more"", Môn #1 + 2"\n2020-02-16,-3,\n',
        },
    }


def nodes(html: str) -> list[tuple[str, tuple[tuple[str, str], ...], str, str]]:
    """Return a page as a list of elements, white space normalised: two engines, one page."""
    tree = html5lib.parse(html, namespaceHTMLElements=False)
    return [
        (
            str(node.tag),
            tuple(sorted((str(k), v) for k, v in node.attrib.items())),
            " ".join((node.text or "").split()),
            " ".join((node.tail or "").split()),
        )
        for node in tree.iter()
    ]

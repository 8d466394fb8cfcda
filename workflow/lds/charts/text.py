"""Words and numbers in figures: widths, line breaks, signs.

Widths come from a table, not from the drawing engine, because labels are placed before the
engine runs and must fall in the same place on every machine.
"""

from __future__ import annotations

# Advance widths of Liberation Sans (those of Arial and Helvetica) in thousandths of an em.
_REGULAR = {
    191: "'",
    222: "ijl‘’",
    260: "|",
    278: " !,./:;I[\\]ft·",
    333: "()-`r“”",
    334: "{}",
    355: '"',
    389: "*",
    400: "°",
    469: "^",
    500: "Jcksvxyz",
    556: "#$0123456789?L_abdeghnopqu–£éáêôâ±≤≥",
    584: "+<=>~−×",
    611: "FTZ",
    667: "&ABEKPSVXY",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm",
    889: "%",
    944: "W",
    1000: "—…",
    1015: "@",
}
_BOLD = {
    238: "'",
    278: " ,./I\\ijl·‘’",
    280: "|",
    333: "!()-:;[]`ft",
    389: "*r{}",
    400: "°",
    474: '"',
    500: "z“”",
    556: "#$0123456789J_aceksvxy–£éáêâ±≤≥",
    584: "+<=>^~−×",
    611: "?FLTZbdghnopquô",
    667: "EPSVXY",
    722: "&ABCDHKNRU",
    778: "GOQw",
    833: "M",
    889: "%m",
    944: "W",
    975: "@",
    1000: "—…",
}
_WIDTHS = {
    bold: {char: width / 1000 for width, chars in table.items() for char in chars}
    for bold, table in ((False, _REGULAR), (True, _BOLD))
}
_UNKNOWN = 0.72
"""Width in em of a character outside the table: wide, so that a label errs on the safe side."""

MINUS = "\N{MINUS SIGN}"
NO_VALUES = "No values in this period"
"""What a figure says in place of marks that it does not have."""


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width in pixels of `text` set in `size` pixels."""
    widths = _WIDTHS[bold]
    return size * sum(widths.get(char, _UNKNOWN) for char in text)


def lines_width(lines: list[str], size: float, *, bold: bool = False) -> float:
    """Return the width in pixels of the widest of `lines`."""
    return max((text_width(line, size, bold=bold) for line in lines), default=0.0)


def wrap(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """Break `text` between words into lines of at most `width` pixels.

    A single word wider than `width` keeps a line of its own, uncut.
    """
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold=bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def number(value: float, *, decimals: int = 0, signed: bool = False) -> str:
    """Write `value` with thousands separators and a true minus; zero never has a sign."""
    rounded = round(value, decimals)
    if rounded == 0:
        return "0"
    sign = MINUS if rounded < 0 else "+" if signed else ""
    return f"{sign}{abs(rounded):,.{decimals}f}"


def without_values(name: str) -> str:
    """Say that the area called `name` has nothing to draw."""
    return f"{name}: {NO_VALUES[0].lower()}{NO_VALUES[1:]}"

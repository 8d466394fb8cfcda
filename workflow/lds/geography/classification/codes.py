"""What kind of area code a text is: a district of England, of Wales, a region, an LSOA, ..."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import polars as pl

from lds.geography.register import Register
from lds.io import RESOURCES

LAD = "lad"
"""The kind of the codes that the area register is about."""

NINE_CHARACTERS = r"[A-Za-z]\d{8}"
"""How a code of the Government Statistical Service (GSS) is written."""
_NAMED = rf"^\s*({NINE_CHARACTERS})\s*[-:|,;\u2013\u2014 ]\s*\S"
_IN_BRACKETS = rf"\S\s*[(\[]\s*({NINE_CHARACTERS})\s*[)\]]\s*$"


@cache
def code_kinds(folder: Path = RESOURCES) -> pl.DataFrame:
    """Return the kinds of code in the order in which they are tried.

    Columns: ``kind``, ``level`` (several kinds may share one), ``country`` (null where it does not
    matter), ``label``, ``plural``, ``pattern`` (of the whole code).
    """
    return pl.read_csv(folder / "code_kinds.csv", infer_schema=False)


@cache
def small_area_editions(folder: Path = RESOURCES) -> pl.DataFrame:
    """Return the census editions of LSOAs, and the codes that each edition added.

    Columns: ``kind``, ``edition`` (year), ``areas`` (how many), ``first_new_code``,
    ``last_new_code``; sorted by kind and edition.
    """
    frame = pl.read_csv(folder / "small_area_editions.csv", infer_schema=False)
    return frame.with_columns(pl.col("edition", "areas").cast(pl.Int64)).sort("kind", "edition")


def read_codes(texts: pl.Series) -> pl.DataFrame:
    """Return the code that stands in each text and the kind of code that it is.

    A code may have blanks around it, small letters, and its name beside it (``E06000001 :
    Hartlepool``, ``Hartlepool (E06000001)``); a text with more than one code has none.

    Returns
    -------
    pl.DataFrame
        One row per text, in their order. ``text``; ``code`` and ``kind``, null where the text is
        no code; ``level``, that of the kind.
    """
    text = pl.col("text")
    plain = text.str.strip_chars().str.to_uppercase()
    within = pl.coalesce(text.str.extract(_NAMED), text.str.extract(_IN_BRACKETS))
    several = text.str.count_matches(NINE_CHARACTERS) > 1
    frame = pl.DataFrame({"text": texts.cast(pl.String)}).with_columns(
        code=pl.when(~several).then(pl.coalesce(within.str.to_uppercase(), plain))
    )
    kinds = code_kinds()
    kind = pl.coalesce(
        pl.when(pl.col("code").str.contains(f"^(?:{pattern})$")).then(pl.lit(name))
        for name, pattern in kinds.select("kind", "pattern").iter_rows()
    )
    return (
        frame.with_columns(kind=kind)
        .with_columns(code=pl.when(pl.col("kind").is_not_null()).then("code"))
        .join(kinds.select("kind", "level"), on="kind", how="left", maintain_order="left")
    )


def describe_codes(texts: pl.Series, register: Register) -> pl.DataFrame:
    """Return what is known of each text that may be an area code.

    Returns
    -------
    pl.DataFrame
        One row per text, in their order: the columns of `read_codes`; ``known``, whether the
        register has the code (null unless it looks like an English LAD); ``name`` (the latest),
        ``start_date``, ``end_date`` of a known code.
    """
    lives = register.areas.select("code", "name", "start_date", "end_date")
    found = read_codes(texts).join(lives, on="code", how="left", maintain_order="left")
    known = pl.when(pl.col("kind") == LAD).then(pl.col("start_date").is_not_null())
    return found.with_columns(known=known).select(
        *("text", "code", "kind", "level", "known", "name", "start_date", "end_date")
    )


def possible_editions(kind: str, codes: pl.Series) -> list[int]:
    """Return the census editions that codes of one kind can be of, the earliest first.

    An edition keeps most codes of the one before, so only the newest codes and the number of
    areas speak: a part of an edition without new codes may be of that edition or a later one.
    Empty where no edition is kept for the kind, or where no one edition has room for the codes.
    """
    editions = small_area_editions().filter(pl.col("kind") == kind)
    if editions.is_empty() or codes.is_empty():
        return []
    newest = _newest_edition(editions, codes)
    later = editions.filter(pl.col("edition") >= newest)
    areas: dict[int, int] = dict(later.select("edition", "areas").iter_rows())
    distinct = codes.n_unique()
    if distinct > areas[newest]:
        return []
    return [newest] if distinct == areas[newest] else list(areas)


def small_area_edition(kind: str, codes: pl.Series) -> str | None:
    """Return in words which census edition codes of one kind are of; null where none is kept.

    See `possible_editions` for what the codes can say.
    """
    editions = small_area_editions().filter(pl.col("kind") == kind)
    if editions.is_empty() or codes.is_empty():
        return None
    distinct = codes.n_unique()
    possible = possible_editions(kind, codes)
    if not possible:
        return f"more than one census edition (up to {_newest_edition(editions, codes)})"
    first = possible[0]
    areas: int = editions.filter(pl.col("edition") == first)["areas"][0]
    if distinct == areas:
        return f"the census of {first}, all {distinct:,}"
    if len(possible) == 1:
        return f"the census of {first}, {distinct:,} of {areas:,}"
    return f"the census of {first} or later, {distinct:,} codes"


def _newest_edition(editions: pl.DataFrame, codes: pl.Series) -> int:
    """Return the edition that the highest of the codes was added by."""
    highest = codes.sort()[-1]
    newest: int = editions.filter(pl.col("first_new_code") <= highest)["edition"][-1]
    return newest

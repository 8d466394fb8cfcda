"""Stand-ins for national series of the pandemic: one level a period, with a weekly beat and noise.

The level of each series and span of days is planted; between the days that the recipe names it runs
straight, so that an estimate can be held against it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from lds.sources.contract import Contract
from lds.synthetic.draws import Floats, stream
from lds.synthetic.england.country import England
from lds.synthetic.standin import RawFile, StandIn, marked, marked_name, recipe_of

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DESCRIPTIONS = {
    "PreUnit": "",
    "Unit": "Index, base year = 100",
    "Release Date": "SYNTHETIC",
    "Next release": "SYNTHETIC",
    "Important Notes": "",
}
"""Rows between the identifiers and the values of a time series download."""
Recipe = Mapping[str, Any]


def make(england: England, contract: Contract, scale: float) -> StandIn:
    """Return the stand-in of a series: every day of the real one at any `scale`."""
    files = _SERIES[contract.id](contract.synthetic, england.seed, contract.id)
    truth: dict[str, Any] = {"planted": recipe_of(contract)}
    if _SERIES[contract.id] is _time_series:
        # Every description stands in the rows, once for each series.
        truth["mess"] = {"rejected": len(DESCRIPTIONS) * len(contract.synthetic["series"])}
    return StandIn(files, truth)


def _path(points: Mapping[str, float], days: list[date]) -> Floats:
    """Return the planted level on each day: straight lines between points."""
    known = sorted((date.fromisoformat(day), level) for day, level in points.items())
    return np.interp(
        [day.toordinal() for day in days],
        [day.toordinal() for day, _ in known],
        [level for _, level in known],
    )


def _noisy(levels: Floats, spread: float, seed: int, *names: str) -> Floats:
    draw = stream(seed, *names)
    return np.asarray(levels * np.exp(spread * draw.normal(0, 1, len(levels)) - spread**2 / 2))


def _days(recipe: Recipe, step: int) -> list[date]:
    first, last = (date.fromisoformat(day) for day in recipe["days"])
    return [first + timedelta(days=each) for each in range(0, (last - first).days + 1, step)]


def _months(recipe: Recipe) -> list[date]:
    first, last = (date.fromisoformat(day) for day in recipe["days"])
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [
        date(first.year + (first.month - 1 + each) // 12, (first.month - 1 + each) % 12 + 1, 1)
        for each in range(count)
    ]


def _file(name: str, frame: pl.DataFrame) -> RawFile:
    return RawFile(marked_name(name), [marked(frame)])


def _card_spending(recipe: Recipe, seed: int, source: str) -> list[RawFile]:
    days = _days(recipe, 1)
    beat = np.array([recipe["weekdays"][day.weekday()] for day in days])
    columns = {
        kind: (_noisy(_path(points, days), recipe["spread"], seed, source, kind) * beat).round(1)
        for kind, points in recipe["levels"].items()
    }
    dates = pl.Series("Date", days).dt.strftime("%d/%m/%Y")
    return [_file("Card_Spend.csv", pl.DataFrame({"Date": dates, **columns}))]


def _company_changes(recipe: Recipe, seed: int, source: str) -> list[RawFile]:
    weeks = range(1, recipe["weeks"] + 1)
    columns: dict[str, Any] = {"Date": [f"Week {week}" for week in weeks]}
    for name, points in recipe["levels"].items():
        year = int(name.split("_")[1])
        days = [date(year, 1, 1) + timedelta(weeks=week - 1) for week in weeks]
        found = _noisy(_path(points, days), recipe["spread"], seed, source, name)
        columns[name] = np.rint(found).astype(np.int64)
    return [_file("Business_Change.csv", pl.DataFrame(columns))]


def _long(
    days: list[date], series: Mapping[str, Floats], columns: tuple[str, str, str]
) -> pl.DataFrame:
    """Return series one under the other: a row for each day and series."""
    when, which, what = columns
    return pl.concat(
        pl.DataFrame({when: days, which: [name] * len(days), what: values})
        for name, values in series.items()
    )


def _job_adverts(recipe: Recipe, seed: int, source: str) -> list[RawFile]:
    days = _days(recipe, 7)
    common = _path(recipe["level"], days)
    files = []
    for name, falls in (("Sectors", recipe["sectors"]), ("Regions", recipe["regions"])):
        # A sector falls more or less than all adverts do, in proportion.
        series = {
            each: _noisy(100 + (common - 100) * fall, recipe["spread"], seed, source, each).round(1)
            for each, fall in falls.items()
        }
        files.append(
            _file(f"JobAdverts_{name}.csv", _long(days, series, ("date", "category", "index")))
        )
    return files


def _vat_returns(recipe: Recipe, seed: int, source: str) -> list[RawFile]:
    months = _months(recipe)
    draw = stream(seed, source)
    frames = []
    for industry, (reporters, fall) in recipe["industries"].items():
        level = _path(recipe["diffusion"], months)
        index = np.clip(level * fall + recipe["spread"] * draw.normal(0, 1, len(months)), -1, 1)
        new = reporters * (1 + recipe["new_reporters_by_diffusion"] * level)
        new = np.rint(_noisy(new, recipe["spread"], seed, source, industry)).astype(np.int64)
        frames.append(
            pl.DataFrame(
                {
                    "month": months,
                    "industry": [industry] * len(months),
                    "new_reporters": np.maximum(new, 0),
                    "diffusion_index": index.round(3),
                }
            )
        )
    return [_file("VAT_Returns.csv", pl.concat(frames))]


def _shipping(recipe: Recipe, seed: int, source: str) -> list[RawFile]:
    days = _days(recipe, 7)
    cargo, others = (_path(recipe[name], days) / 100 for name in ("cargo", "others"))
    frames = []
    whole = np.zeros((2, len(days)), dtype=np.int64)
    for port, visits in recipe["ports"].items():
        draw = stream(seed, source, port)
        part = recipe["cargo_share"]
        counts = draw.poisson(visits * np.stack([part * cargo, (1 - part) * others]))
        whole += counts
        frames.append(_visits(days, port, counts))
    frames.insert(0, _visits(days, "UK", whole))
    return [_file("Shipping_Weekly.csv", pl.concat(frames))]


def _visits(
    days: list[date], port: str, counts: np.ndarray[Any, np.dtype[np.int64]]
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "date": days,
            "port": [port] * len(days),
            "visits": counts.sum(axis=0),
            "cargo_and_tanker_visits": counts[0],
        }
    )


def _time_series(recipe: Recipe, seed: int, source: str) -> list[RawFile]:
    """Return a file as downloads are: titles, identifiers, then years, quarters and months."""
    months = _months(recipe)
    values = {
        series: _noisy(
            _path(each["level"], months) * _trend(months, each["growth"], recipe["base_year"]),
            recipe["spread"],
            seed,
            source,
            series,
        )
        for series, each in recipe["series"].items()
    }
    periods = list(_periods(months))
    columns: dict[str, list[str]] = {"CDID": [*DESCRIPTIONS, *(name for name, _ in periods)]}
    for series, found in values.items():
        columns[series] = list(DESCRIPTIONS.values())
        columns[series] += [f"{found[inside].mean():.1f}" for _, inside in periods]
    titles = ["Title", *(f'"{each["title"]}"' for each in recipe["series"].values()), "synthetic"]
    file = RawFile(
        marked_name(recipe["file"]), [marked(pl.DataFrame(columns))], above=[",".join(titles)]
    )
    return [file]


def _trend(months: list[date], growth: float, base: int) -> Floats:
    since = np.array([month.year + (month.month - 0.5) / 12 - base - 0.5 for month in months])
    return np.asarray((1 + growth) ** since)


def _periods(months: list[date]) -> Iterator[tuple[str, list[int]]]:
    """Yield the years, the quarters and the months, each with the places of its months."""
    at = {month: place for place, month in enumerate(months)}
    years = sorted({month.year for month in months})
    for year in years:
        yield str(year), [at[month] for month in months if month.year == year]
    for year in years:
        for quarter in range(1, 5):
            inside = [
                at[month]
                for month in months
                if month.year == year and (month.month + 2) // 3 == quarter
            ]
            if inside:
                yield f"{year} Q{quarter}", inside
    for month in months:
        yield f"{month.year} {MONTHS[month.month - 1]}", [at[month]]


_SERIES: dict[str, Callable[[Recipe, int, str], list[RawFile]]] = {
    "card_spending": _card_spending,
    "company_changes": _company_changes,
    "job_adverts": _job_adverts,
    "vat_returns": _vat_returns,
    "shipping": _shipping,
    "retail_sales_index": _time_series,
    "index_of_services": _time_series,
}

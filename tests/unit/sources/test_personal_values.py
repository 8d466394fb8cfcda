"""What values of a column give away: made samples of each kind, and texts that look like none."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.gb import nhs

from lds.io import RESOURCES, read_yaml
from lds.sources.personal import kinds, named_personal, person_name, personal_values


def words(text: str) -> list[str]:
    return text.split()


DATA = read_yaml(RESOURCES / "personal_data.yaml")
FORENAMES, SURNAMES = DATA["forenames"].split(), DATA["surnames"].split()
UNLISTED_FORENAMES = words("Oluwaseun Agnieszka Chukwuemeka Saoirse Xiaoming Ioana Tadeusz Nkechi")
UNLISTED_SURNAMES = words("Kowalczyk Adeyemi Popescu Trelawney Featherstonehaugh Nguyen Okonkwo")


def nhs_number(draw: random.Random) -> str:
    while not nhs.is_valid(number := str(draw.randrange(4 * 10**9, 8 * 10**9))):
        continue
    return number


def letters(draw: random.Random, count: int, among: str = "ABCEGHJLMNPRSTWXY") -> str:
    return "".join(draw.choice(among) for _ in range(count))


def digits(draw: random.Random, count: int) -> str:
    return "".join(draw.choice("0123456789") for _ in range(count))


def spaced_nhs_number(draw: random.Random) -> str:
    number = nhs_number(draw)
    return f"{number[:3]} {number[3:6]} {number[6:]}"


def nino(draw: random.Random) -> str:
    return f"{letters(draw, 2, 'ACEHJ')}{digits(draw, 6)}{letters(draw, 1, 'ABCD')}"


def postcode(draw: random.Random) -> str:
    outward = draw.choice(["LS", "M", "SW", "RG", "B"]) + digits(draw, draw.choice([1, 2]))
    return f"{outward}{draw.choice(['', ' ', '  '])}{digits(draw, 1)}{letters(draw, 2)}"


def mobile(draw: random.Random) -> str:
    return draw.choice(["07", "+44 7", "+447", "0044 7"]) + digits(draw, 9)


def landline(draw: random.Random) -> str:
    return draw.choice(["0113 ", "(020) ", "01904-", "0161 "]) + "4" + digits(draw, 6)


def email(draw: random.Random) -> str:
    person = f"{draw.choice(FORENAMES)}.{draw.choice(SURNAMES)}".replace("'", "")
    return f"{person}{digits(draw, 2)}@{draw.choice(['mail', 'post'])}.example.co.uk"


def pupil_number(draw: random.Random) -> str:
    from stdnum.gb import upn

    number = f"{draw.choice(['201', '380', '825'])}{digits(draw, 9)}"
    return upn.calc_check_digit(number) + number


def address(draw: random.Random) -> str:
    street = f"{draw.choice(SURNAMES).title()} {draw.choice(['Street', 'Road', 'Close', 'Way'])}"
    return f"{draw.randrange(1, 200)}{draw.choice(['', 'a'])} {street}"


def flat(draw: random.Random) -> str:
    return f"Flat {draw.randrange(1, 99)}"


def whole_address(draw: random.Random) -> str:
    return f"The Old Rectory, Church End, Leeds {postcode(draw)}"


def full_name(draw: random.Random) -> str:
    return f"{draw.choice(FORENAMES).title()} {draw.choice(SURNAMES).title()}"


def titled_name(draw: random.Random) -> str:
    title = draw.choice(["Mr", "Mrs", "Ms.", "Dr", "Prof."])
    return f"{title} {letters(draw, 1)} {draw.choice(UNLISTED_SURNAMES)}"


def listed_name(draw: random.Random) -> str:
    return f"{draw.choice(SURNAMES).upper()}, {draw.choice(FORENAMES).title()} {letters(draw, 1)}."


def forename(draw: random.Random) -> str:
    """Six of ten have one of the listed forenames, which is fewer than in any age group."""
    return draw.choice(FORENAMES if draw.random() < 0.6 else UNLISTED_FORENAMES).title()


def surname(draw: random.Random) -> str:
    """Thirty-eight of a hundred have one of the listed surnames."""
    return draw.choice(SURNAMES if draw.random() < 0.38 else UNLISTED_SURNAMES).title()


def real_name(draw: random.Random) -> str:
    return f"{forename(draw)} {surname(draw)}"


def driving_licence(draw: random.Random) -> str:
    born = f"{digits(draw, 1)}0{digits(draw, 1)}15{digits(draw, 1)}"
    return f"{letters(draw, 5)}{born}{letters(draw, 2)}9{letters(draw, 2)}"


def plate(draw: random.Random) -> str:
    return f"{letters(draw, 2)}{digits(draw, 2)} {letters(draw, 3)}"


def iban(draw: random.Random) -> str:
    return f"GB{digits(draw, 2)} {letters(draw, 4)} {digits(draw, 4)} {digits(draw, 10)}"


MADE: list[tuple[str, Callable[[random.Random], str]]] = [
    *(("nhs_number", make) for make in (nhs_number, spaced_nhs_number)),
    ("national_insurance_number", nino),
    ("postcode", postcode),
    *(("telephone_number", make) for make in (mobile, landline)),
    ("email", email),
    ("pupil_number", pupil_number),
    *(("address", make) for make in (address, flat, whole_address)),
    *(("name", make) for make in (full_name, titled_name, listed_name, forename, real_name)),
    ("driving_licence_number", driving_licence),
    ("vehicle_registration", plate),
    ("bank_account", iban),
]


@pytest.mark.parametrize("write", [str, str.upper, str.lower])
@pytest.mark.parametrize("size", [30, 1_000])
@pytest.mark.parametrize(("kind", "make"), MADE)
def test_values_that_give_away(
    kind: str, make: Callable[[random.Random], str], size: int, write: Callable[[str], str]
) -> None:
    draw = random.Random(f"{make.__name__} {size}")
    values = [write(make(draw)) for _ in range(size)]
    found = personal_values(values)
    assert found is not None
    assert found.kind == kind
    assert found.values == size
    # Four in ten are missing: the sample is smaller, the share of it the same.
    blanks = [
        draw.choice([None, "", "  "]) if n % 10 < 4 else each for n, each in enumerate(values)
    ]
    found = personal_values(blanks)
    assert found is not None
    assert (found.kind, found.values) == (kind, size * 6 // 10)


def test_surnames_alone_as_common_as_they_are() -> None:
    draw = random.Random(7)
    for size in (100, 1_000):
        found = personal_values([surname(draw) for _ in range(size)])
        assert found is not None
        assert found.kind == "name"


def test_every_kind_that_values_tell_is_made_here() -> None:
    assert {kind.id for kind in kinds() if kind.score} == {kind for kind, _ in MADE}


def register(name: str, *columns: str) -> list[str]:
    table = pl.read_csv(RESOURCES / f"{name}.csv", infer_schema=False)
    return [text for column in columns for text in table[column].drop_nulls()]


def labels(*names: str) -> list[str]:
    codings = read_yaml(RESOURCES / "codings.yaml")
    chosen = names or tuple(codings)
    return [each["label"] for name in chosen for each in codings[name]["values"]]


def counting(pattern: str, start: int = 0, count: int = 1_000) -> list[str]:
    return [pattern.format(n) for n in range(start, start + count)]


HARMLESS = {
    "districts": register("areas", "name"),
    "codes of districts": register("areas", "code"),
    "counties": register("counties", "name"),
    "regions": register("regions", "name"),
    "combined authorities": register("combined_authorities", "name"),
    "other names of areas": register("area_names", "name"),
    "places of Google": register("google_place_names", "sub_region_1", "sub_region_2"),
    "labels of codings": labels(),
    "instruments": register("area_changes", "instrument_title"),
    "days": [f"2021-{1 + n % 12:02}-{1 + n % 28:02}" for n in range(400)],
    "times": [f"2021-01-{1 + n % 28:02} {n % 24:02}:00" for n in range(400)],
    "days as in Britain": [f"{1 + n % 28:02}/{1 + n % 12:02}/2021" for n in range(400)],
    "months": words("January February March April May June July August September October") * 9,
    "LSOA codes": counting("E0100{:04}", 1),
    "LSOA names": [f"Bolton {n:03}{'ABCDE'[n % 5]}" for n in range(300)],
    "row numbers of ten digits": counting("{}", 1_000_000_000),
    "property references": counting("{}", 100_023_336_000),
    "company numbers": counting("{:08}", 1_234_567),
    "Scottish company numbers": counting("SC{:06}", 123_456),
    "industry codes": counting("{:05}", 1_110),
    "prices": counting("{}000", 95),
    "decimal numbers": counting("{}.25"),
    "diagnoses": [f"{'ABCJ'[n % 4]}{n % 100:02}{n % 10}" for n in range(400)],
    "participants": counting("DHR-{:011}"),
    "hashes": [f"{n * 2654435761 % 2**64:016x}" for n in range(1_000)],
    "age groups": [f"{n} to {n + 4}" for n in range(0, 90, 5)] * 20,
    "bands": ["Band A", "Band B", "Unit 1", "Flat", "House", "Room 2"] * 50,
    "one district": ["Bolton"] * 500,
    "boroughs": ["Bolton", "Bury", "Manchester", "Oldham", "Rochdale", "Salford", "Preston"] * 50,
    "answers": ["Yes", "No", "Prefer not to say", "Don't know"] * 100,
    "occupations": words(
        "Baker Butcher Cook Carpenter Plumber Nurse Teacher Driver Cleaner Welder Porter "
        "Electrician Receptionist Librarian Paramedic Solicitor Accountant Bricklayer Roofer "
        "Chef Gardener Architect Optometrist Dentist Pharmacist"
    ),
    "countries": words(
        "Jordan Georgia France Poland India Nigeria Pakistan Italy Romania Ireland Chad "
        "Portugal Spain Kenya Ghana Latvia Malta Cyprus Greece Brazil"
    ),
    "languages": words("English Polish Romanian Punjabi Urdu Portuguese Spanish Arabic Bengali")
    * 9,
    "a switchboard": ["0113 496 0000"] * 300,
    "an office": ["enquiries@example.gov.uk"] * 300,
}
"""Samples of columns that hold no personal data."""


@pytest.mark.parametrize("what", HARMLESS)
@pytest.mark.parametrize("write", [str, str.upper, str.lower])
def test_values_that_do_not(what: str, write: Callable[[str], str]) -> None:
    assert HARMLESS[what]
    assert personal_values([write(text) for text in HARMLESS[what]]) is None


def test_random_numbers_of_ten_digits_are_no_nhs_numbers() -> None:
    """One in eleven has the right check digit; samples of every size stay below the threshold."""
    for seed in range(300):
        draw = random.Random(seed)
        size = draw.choice([10, 12, 15, 20, 30, 100, 1_000])
        values = [str(draw.randrange(10**9, 10**10)) for _ in range(size)]
        assert personal_values(values) is None, (seed, size)


def test_names_of_companies() -> None:
    draw = random.Random(3)
    ends = ["Ltd", "LIMITED", "plc", "& Sons", "Services LLP", "Group", "and Partners", "Trust"]
    trades = ["Engineering", "Roofing", "Logistics", "Taxis", "Fisheries", "Interiors", "Motors"]
    made = [
        " ".join(
            [
                draw.choice([full_name, surname, forename])(draw),
                *([draw.choice(trades)] if draw.random() < 0.7 else []),
                draw.choice(ends),
            ]
        )
        for _ in range(1_000)
    ]
    assert personal_values(made) is None
    assert personal_values([text.upper() for text in made]) is None


COMMON = ("John Smith", "SMITH, John", "Smith J", "J. A. Smith", "Mr Trelawney", "Kate O’Neill")
HALF_COMMON = ("Mary Okonkwo", "Smith, Oluwaseun", "John Paul", "Ann Price-Kowalczyk")


@pytest.mark.parametrize("text", COMMON)
def test_forms_of_a_name(text: str) -> None:
    assert person_name(text) == 1


@pytest.mark.parametrize("text", HALF_COMMON)
def test_forms_of_a_name_of_which_a_part_is_common(text: str) -> None:
    assert 0.5 <= person_name(text) <= 1


NO_NAMES = (
    *("", "12", "St Albans", "Jones & Sons", "Smith 3", "Kingston upon Hull", "Baker"),
    *("Sir Benfro", "Victoria Park", "Thomas Street"),
    "Mark of the Bristol and Bath Railway Path Group",
)


@pytest.mark.parametrize("text", NO_NAMES)
def test_what_is_no_name(text: str) -> None:
    assert person_name(text) == 0


def test_few_values_are_not_judged_by_lists() -> None:
    assert personal_values(["Smith", "Jones", "Taylor"]) is None
    assert personal_values([]) is None
    assert personal_values([None, "", " "]) is None


def test_a_few_emails_in_a_free_text_are_found() -> None:
    texts = counting("Nothing to add {}", count=90) + counting(
        "write to me{}@example.org", count=10
    )
    found = personal_values(texts)
    assert found is not None
    assert (found.kind, found.share, found.values) == ("email", 0.1, 100)


@given(st.lists(st.one_of(st.none(), st.text(max_size=40)), max_size=60))
@settings(max_examples=100, deadline=None)
def test_any_text_is_judged(values: list[str | None]) -> None:
    found = personal_values(values)
    assert found is None or 0 < found.share <= 1
    assert personal_values(values) == found
    for text in values:
        assert named_personal(text or "") is None or text


@given(st.integers(0, 10**6), st.integers(12, 60))
@settings(max_examples=40, deadline=None)
def test_nhs_numbers_are_found_among_as_many_others(seed: int, size: int) -> None:
    draw = random.Random(seed)
    numbers = list(dict.fromkeys(nhs_number(draw) for _ in range(size)))
    others = [f"ID{n}" for n in range(len(numbers))]
    found = personal_values([*numbers, *others])
    assert found is not None
    assert (found.kind, found.share) == ("nhs_number", 0.5)


def test_fifteen_columns_of_twenty_thousand_values_take_less_than_a_second() -> None:
    draw = random.Random(1)
    columns = [[make(draw) for _ in range(2_000)] * 10 for _, make in MADE[:5]]
    columns += [[f"{full_name(draw)} {n}" for n in range(20_000)] for _ in range(5)]
    columns += [counting("{}", 1_000_000_000 * n, 20_000) for n in range(1, 6)]
    personal_values(columns[0])
    start = time.process_time()
    for values in columns:
        personal_values(values)
    assert time.process_time() - start < 1.0

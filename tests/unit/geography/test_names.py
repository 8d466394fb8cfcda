"""Names to codes: what is certain, and that nothing else is guessed."""

from __future__ import annotations

from datetime import date

import pytest

from lds.errors import GeographyError
from lds.geography import Register
from lds.geography.names import alternative_names, combined_areas, match_names, name_keys

REGISTER = Register.load()
DAY = date(2019, 12, 31)


def match(text: str, vintage: date | None = DAY) -> tuple[str | None, str]:
    found = match_names([text], REGISTER, vintage).row(0, named=True)
    return found["code"], found["how"]


@pytest.mark.parametrize(
    ("text", "code", "how"),
    [
        ("Hartlepool", "E06000001", "name"),
        ("Bristol, City of", "E06000023", "name"),
        ("E07000112", "E07000112", "code"),
        ("e07000112 ", "E07000112", "code"),
        ("HARTLEPOOL", "E06000001", "spelling"),
        (" Hartlepool  ", "E06000001", "name"),
        ("St. Helens", "E08000013", "name"),
        ("St Helens", "E08000013", "spelling"),
        ("Saint Helens", "E08000013", "spelling"),
        ("ST ALBANS ", "E07000240", "spelling"),
        ("City of Bristol", "E06000023", "spelling"),
        ("Bristol", "E06000023", "spelling"),
        ("Kingston upon Hull", "E06000010", "spelling"),
        ("County of Herefordshire", "E06000019", "spelling"),
        ("Bournemouth, Christchurch & Poole", "E06000058", "spelling"),
        ("King’s Lynn & West Norfolk", "E07000146", "spelling"),
        ("Southend on Sea", "E06000033", "spelling"),
        ("Windsor and Maidenhead, Royal Borough of", "E06000040", "spelling"),
        ("Shepway", "E07000112", "old name"),
        ("Hull", "E06000010", "alternative"),
        ("Durham", "E06000047", "alternative"),
        ("NEWBURY", "E06000037", "alternative"),
        ("London Borough of Hackney", "E09000012", "title"),
        ("City of Westminster", "E09000033", "title"),
        ("The Royal Borough of Greenwich", "E09000011", "title"),
        ("Barnsley Metropolitan Borough Council", "E08000016", "title"),
        ("Metropolitan Borough of St Helens", "E08000013", "title"),
        ("Saint Helens District", "E08000013", "title"),
    ],
)
def test_a_name_that_is_certain(text: str, code: str, how: str) -> None:
    assert match(text) == (code, how)


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("London", "none"),
        ("Kent County Council", "none"),
        ("Dorset County Council", "none"),
        ("Hartlepol", "none"),
        ("Hartlepool and Darlington", "none"),
        ("Taunton", "none"),
        ("Bolton, part of", "none"),
        ("E06000999", "none"),
        ("Taunton Deane", "another time"),
        ("Somerset", "another time"),
        ("E07000190", "another time"),
        ("Hackney and City of London", "combined"),
        ("Cornwall & Isles of Scilly", "combined"),
    ],
)
def test_a_name_that_is_not_guessed(text: str, how: str) -> None:
    assert match(text) == (None, how)


def test_candidates_say_what_was_meant() -> None:
    found = match_names(["Taunton Deane", "Hackney and City of London", "Hartlepol"], REGISTER, DAY)
    assert dict(found.select("text", "candidates").iter_rows()) == {
        "Taunton Deane": ["E07000190 Taunton Deane (until 2019-03-31)"],
        "Hackney and City of London": ["E09000001 City of London", "E09000012 Hackney"],
        "Hartlepol": ["E06000001 Hartlepool"],
    }


@pytest.mark.parametrize(
    ("text", "day", "code"),
    [
        ("Bedford", date(2009, 1, 1), "E07000002"),
        ("Bedford", date(2020, 1, 1), "E06000055"),
        ("Durham", date(2009, 1, 1), "E07000056"),
        ("Durham", date(2020, 1, 1), "E06000047"),
        ("Northumberland", date(2013, 3, 31), "E06000048"),
        ("Northumberland", date(2013, 4, 1), "E06000057"),
        ("Folkestone and Hythe", date(2018, 3, 31), "E07000112"),
    ],
)
def test_the_day_decides(text: str, day: date, code: str) -> None:
    assert match(text, day)[0] == code


def test_without_a_day_a_name_of_two_codes_is_listed() -> None:
    found = match_names(["Bedford", "Hartlepool"], REGISTER)
    assert found.rows() == [
        ("Bedford", None, "several", ["E06000055 Bedford", "E07000002 Bedford (until 2009-03-31)"]),
        ("Hartlepool", "E06000001", "name", []),
    ]


def test_blank_and_repeated_texts() -> None:
    found = match_names(["Adur", "", None, " ", "Adur"], REGISTER, DAY)
    assert found["text"].to_list() == ["Adur"]


@pytest.mark.parametrize(
    "day", [date(2009, 1, 1), date(2012, 4, 1), date(2020, 4, 1), date(2025, 4, 1)]
)
def test_every_name_of_a_day_leads_to_its_own_code(day: date) -> None:
    live = REGISTER.live_on(day)
    for form in (str, str.upper, "{}, City of".format, "London Borough of {}".format):
        texts = [form(name) for name in live["name"]]
        found = match_names(texts, REGISTER, day)
        codes = dict(found.select("text", "code").iter_rows())
        assert [codes[text] for text in texts] == live["code"].to_list()


def test_a_day_outside_the_register() -> None:
    with pytest.raises(GeographyError, match="does not cover 2030-01-01"):
        match_names(["Adur"], REGISTER, date(2030, 1, 1))


def test_alternative_names_are_of_known_codes_and_none_is_official() -> None:
    official = {
        key
        for name, old in REGISTER.areas.select("name", "old_names").iter_rows()
        for text in (name, *old)
        for key in name_keys(text)
    }
    # Durham was a district of its own until 2009.
    for name, code, source in alternative_names().iter_rows():
        assert code in REGISTER.areas["code"]
        assert source
        assert name == "Durham" or not name_keys(name) & official


def test_members_of_combined_areas_are_of_the_register() -> None:
    members = combined_areas()["members"].explode().unique().to_list()
    assert set(members) <= set(REGISTER.areas["code"])
    assert set(combined_areas()["code"]) == {"E06000052", "E09000012", "E41000052", "E41000324"}

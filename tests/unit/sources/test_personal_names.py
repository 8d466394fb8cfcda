"""Which names of columns give personal data away, and which do not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lds.io import read_yaml
from lds.sources.contract import load_contracts
from lds.sources.personal import CHECKS, column_words, kinds, named_personal

NAMES = {
    "name": "Forename SURNAME first_name LastName middle_name maiden-name FullName full_name sname"
    " Forename1 patient_name PatientFirstName name_of_deceased mother_surname Initials given_names"
    " EMPLOYEE_NAME next_of_kin family_name",
    "nhs_number": "NHS_Number nhsno NHSNumber nhs_no nhs-num NEWNHSNO_nhs_number CHI_no",
    "national_insurance_number": "NINO NINumber ni_no national_insurance_number NatInsNo",
    "date_of_birth": "DOB pat_dob PatientDOB date_of_birth BirthDate dateofbirth DOBDY birth_dt",
    "address": "AddressLine1 address ADDR1 addr_line_2 home_address HomeAddress PAON saon Street"
    " street_name house_number HouseName flat_no building_name addresses",
    "postcode": "postcode PCD PCDR pcds Post_Code postalCode home_postcode PCD2 Postcode2011",
    "email": "e-mail Email email_address EMAIL1 home_email emailaddress E_Mail_Addr",
    "telephone_number": "MobileNumber phone telephone_no tel Tel2 mobile home_phone HomePhoneNumber"
    " contact_number landline mobile_phone",
    "hospital_number": "hospital_no MRN hospitalNumber",
    "passport_number": "passport_number PassportNo",
    "driving_licence_number": "driving_licence_number DriverLicenceNo",
    "vehicle_registration": "vehicle_registration VehicleReg number_plate VRN",
    "bank_account": "sort_code AccountNumber IBAN card_number",
    "online_identifier": "ip_address MACAddress IMEI",
    "property_reference": "UPRN uprn_11",
    "pupil_number": "UPN uln UniquePupilNumber",
    "taxpayer_reference": "UTR unique_taxpayer_reference",
}
"""Names of columns as extracts have them, by kind."""
HARMLESS = """
name lad_name LAD20NM LAD11NMW area_name ctyua_name AREANM Area@name LSOA_name GOV_NM
official-name nice-name alt-names Variable@Name geography_name la_name ltla19_name changed_to_name
DOBYR DOBMT dob_year birth_year month_of_birth country_of_birth births live_births age_at_visit
place_of_death place_id census_fips_code metro_area hospital_name school_name practice_name
postcode_area postcode_district PostcodeSector postcode_missing pcd_lsoa PCON19CD
road_distance_to_a_post_office_indicator_km road_traffic_accidents_indicator houseprice has_email
email_consent telephone_interview phone_ownership mobile_broadband mode-of-travel company_number
companynumber registration_number account_type passports_held nhs_region nhs_trust
ni_contributions national_insurance_contributions sic.division street_count households dwellings
flats address_count web_address url initial_claims full_time first_dose_date last_visit_date
family_type first_published surname_missing number_of_addresses no2_mean visit_id participant_id
person_id CASENO HSERIAL piden entref luref ObjectId FID tenure old/new x y lat long
"""


def test_the_table_of_names_has_every_kind() -> None:
    assert sorted(NAMES) == sorted(kind.id for kind in kinds())


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind, names in NAMES.items() for name in names.split()]
)
def test_a_name_that_gives_away(kind: str, name: str) -> None:
    assert named_personal(name) == kind
    assert named_personal(name.upper()) in (kind, None)
    assert named_personal(f" {name} ") == kind


@pytest.mark.parametrize("name", [name.replace("@", " ") for name in HARMLESS.split()])
def test_a_name_that_does_not(name: str) -> None:
    assert named_personal(name) is None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("AddressLine1", "address line 1"),
        ("NHSNumber", "nhs number"),
        ("LAD20NM", "lad 20 nm"),
        ("e-mail", "e mail"),
        ("  Old/New ", "old new"),
        ("patDOB", "pat dob"),
        ("PCD2", "pcd 2"),
        ("", ""),
    ],
)
def test_names_are_taken_apart(name: str, words: str) -> None:
    assert column_words(name) == words


def test_columns_of_contracts_are_harmless_or_let_in() -> None:
    """Every name in a raw file and in the workflow, of every contract; what is let in is named."""
    flagged = {}
    for contract in load_contracts():
        let_in = {column for column, _ in contract.personal_data}
        for column in contract.columns:
            for name in (column.source_name, column.name, *column.other_names):
                if kind := named_personal(name):
                    assert column.name in let_in, (contract.id, name)
                    flagged[contract.id, column.name] = kind
    assert flagged == {
        ("business_census", "postcode"): "postcode",
        ("deaths", "postcode"): "postcode",
        ("price_paid", "postcode"): "postcode",
        ("price_paid", "paon"): "address",
        ("price_paid", "saon"): "address",
        ("price_paid", "street"): "address",
    }
    kinds_let_in = {
        (contract.id, column): kind
        for contract in load_contracts()
        for column, kind in contract.personal_kinds
    }
    assert kinds_let_in == flagged


def test_columns_of_the_infection_survey_that_must_stay_out(open_data: Path) -> None:
    """A real list of columns of secure data: those that identify are found, and no others."""
    survey = read_yaml(open_data / "cases/CIS_processed_responses_v2_schema_regression.yml")
    names = [field["name"] for field in survey["fields"]]
    assert len(names) > 100
    assert {name for name in names if named_personal(name)} == {
        *("street", "postcode", "first_name", "middle_name", "last_name"),
        *("date_of_birth", "email_address"),
    }


def test_the_resource_holds_together(root: Path) -> None:
    raw = read_yaml(root / "workflow/resources/personal_data.yaml")
    schema = read_yaml(root / "workflow/schemas/source.schema.yaml")
    exemption = schema["properties"]["disclosure"]["properties"]["personal_data"]["items"]
    assert sorted(exemption["properties"]["kind"]["enum"]) == sorted(raw["kinds"])
    checked = set()
    for name, kind in raw["kinds"].items():
        assert set(kind) <= {"title", "names", "unless", "values", "check", "share", "distinct"}
        assert {"title", "names"} <= set(kind), name
        by_value = bool(kind.keys() & {"values", "check"})
        assert by_value == ("share" in kind) == ("distinct" in kind), name
        checked |= {kind["check"]} if "check" in kind else set()
        for pattern in (*kind["names"], kind.get("unless", ""), kind.get("values", "")):
            re.compile(pattern)
    assert checked == set(CHECKS)
    for words in (value for value in raw.values() if isinstance(value, str)):
        listed = words.split()
        assert len(listed) == len(set(listed))
    for names in ("forenames", "surnames"):
        assert len(raw[names].split()) >= 500
        assert raw[names].split() == sorted(raw[names].split())
        assert not set(raw[names].split()) & set(raw["titles"].split())

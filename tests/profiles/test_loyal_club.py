"""The texts and promises of LOYAL CLUB against the policy of 10 November 2025 that they restate."""

import hashlib
from datetime import date

import pytest

from processing_log.operations import Operation
from profiles import load

#: How many clauses each section of the source has, and how many items its lists have. 3.6 and 5.9 are sentences in the
#: source and lists here, because their parts are cited one by one.
CLAUSES = {1: 4, 2: 3, 3: 8, 4: 5, 5: 12, 6: 2, 7: 3, 8: 2, 9: 4}
ITEMS = {"1.4": 10, "2.1": 2, "3.6": 6, "5.3": 7, "5.5": 1, "5.6": 3, "5.9": 6, "5.10": 9, "6.1": 4, "8.2": 2}
MARKS = [
    mark
    for section, count in CLAUSES.items()
    for number in [f"{section}.{place}" for place in range(1, count + 1)]
    for mark in [number, *(f"{number}•{item}" for item in range(1, ITEMS.get(number, 0) + 1))]
]
OPERATIONS_IN_RUSSIAN = {
    "запис": Operation.RECORD,
    "систематизац": Operation.SYSTEMATISE,
    "хранен": Operation.STORE,
    "извлечен": Operation.EXTRACT,
    "использован": Operation.USE,
    "удален": Operation.DELETE,
    "уничтожен": Operation.DESTROY,
}

profile = load("loyal_club")


@pytest.mark.parametrize("language", ["ru", "en"])
def test_policy_has_the_numbers_of_its_source(language):
    assert list(profile.policy.in_language(language).marks) == MARKS


def test_policy_has_the_dates_of_its_source():
    assert profile.policy.effective_on == date(2025, 6, 1)
    assert profile.policy.updated_on == date(2025, 11, 10)


def test_policy_hash_is_of_the_text_that_people_read():
    text = profile.policy.ru.canonical()

    assert text.startswith(
        "Политика конфиденциальности и обработки персональных данных сервиса www.loyalclub.ru\n\n1. Общие"
    )
    assert text.endswith("support@loyalclub.ru.\n")
    assert "**" not in text
    assert profile.policy.hash == hashlib.sha256(text.encode()).hexdigest()
    assert profile.policy.hash != profile.policy.en.hash


def test_policy_does_not_take_use_for_consent():
    clause = next(clause for clause in profile.policy.ru.clauses if clause.number == "1.3")

    assert "не является согласием" in clause.parts[0].text
    assert "безусловн" not in profile.policy.ru.canonical()


def test_each_purpose_based_on_consent_has_its_own_text():
    assert {code for code, purpose in profile.purposes.items() if purpose.needs_consent} == {
        "site_improvement",
        "ads",
        "ads_measurement",
        "surveys",
    }
    assert len({text.slug for text in profile.consents.values()}) == len(profile.consents) == 4
    assert len({text.hash for text in profile.consents.values()}) == 4


@pytest.mark.parametrize("purpose", sorted(profile.consents))
def test_consent_text_names_exactly_the_operations_of_its_purpose(purpose):
    section = profile.consents[purpose].ru.section("operations").parts[0].text.lower().split(". ")[0]

    assert {code for word, code in OPERATIONS_IN_RUSSIAN.items() if word in section} == profile.purpose(
        purpose
    ).operations


def test_each_part_of_clause_3_6_is_a_purpose_or_is_done_without_data():
    cited = {mark for purpose in profile.purposes.values() for mark in purpose.clauses}
    cited |= {mark for row in profile.without_data for mark in row.clauses}

    assert {f"3.6•{item}" for item in range(1, 7)} | {"3.5", "3.7"} <= cited


def test_forms_ask_for_the_address_and_if_one_likes_the_name():
    assert [(field.code, field.required) for field in profile.fields] == [
        ("email", True),
        ("last_name", False),
        ("first_name", False),
        ("patronymic", False),
    ]


def test_data_goes_thirty_calendar_days_after_its_reason_has_gone():
    rules = {rule.trigger: (rule.amount, rule.unit) for rule in profile.retention if "user" in rule.subject_kinds}

    days = (30, "calendar_days")
    assert rules == {
        "subscription_ended": days,
        "account_deleted": days,
        "consent_withdrawn": days,
        # duties: see duties.toml
        "never_confirmed": (7, "calendar_days"),
        "unlawful_found": (10, "working_days"),
        "unneeded_proved": (7, "working_days"),
        "purpose_reached": days,
        "contract_ended": days,
    }


def test_nobody_else_gets_personal_data():
    assert {code: recipient.categories for code, recipient in profile.recipients.items()} == {"yookassa": frozenset()}

from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.utils import translation

from law.rules import RULES, VERSIONS, Confidence, Unit, rule_on

TERMS = {
    "D01": (10, "wd", 5), "D02": (10, "wd", 5), "D03": (30, "cd", 0), "D04": (7, "wd", 0), "D05": (7, "wd", 0),
    "D06": (0, "immediate", 0), "D07": (7, "wd", 0), "D08": (3, "wd", 0), "D09": (10, "wd", 0), "D10": (24, "h", 0),
    "D11": (72, "h", 0), "D12": (30, "cd", 0), "D13": (30, "cd", 0), "D14": (10, "wd", 5), "D15": (6, "months", 0),
    "D16": (0, "immediate", 0), "D17": (0, "immediate", 0), "D18": (30, "cd", 0), "D19": (3, "wd", 0),
    "D20": (0, "immediate", 0), "D20H": (3, "wd", 0), "D21": (10, "wd", 5), "D22": (0, "before", 0),
    "D23": (15, "day_of_next_month", 0), "D24": (10, "wd", 0), "D25": (0, "before", 0), "D26": (10, "wd", 5),
    "D27": (36, "months", 0), "D28": (36, "months", 0), "D29": (0, "immediate", 0), "D30": (7, "cd", 0),
    "D31": (10, "wd", 5),
}  # fmt: skip


def test_every_rule_has_the_term_of_the_law():
    assert {
        rule.id: (rule.amount, rule.unit.value, rule.extension.amount if rule.extension else 0)
        for rule in RULES.values()
    } == TERMS


def test_versions_of_a_rule_follow_each_other_without_gap_or_overlap():
    for earlier, later in pairwise(VERSIONS):
        if earlier.id == later.id:
            assert earlier.effective_to is not None
            assert earlier.effective_to + timedelta(days=1) == later.effective_from


def test_names_are_unique_and_stay_the_same_across_versions():
    assert len({rule.name for rule in VERSIONS}) == len(RULES)


@pytest.mark.parametrize("asked", ["D01", "d01", "ACCESS_ANSWER", " access_answer "])
def test_rule_is_found_by_id_and_by_name(asked):
    assert rule_on(asked, date(2026, 11, 22)).id == "D01"


def test_only_rules_with_a_length_have_an_amount():
    for rule in VERSIONS:
        assert bool(rule.amount) == (rule.unit not in (Unit.IMMEDIATE, Unit.BEFORE)), rule.id


def test_open_question_of_the_law_is_shown_as_to_be_confirmed():
    assert [rule.id for rule in RULES.values() if rule.to_be_confirmed] == ["D15", "D31"]
    assert [rule.id for rule in RULES.values() if rule.confidence == Confidence.UNVERIFIED] == ["D31"]


@pytest.mark.parametrize("rule", VERSIONS, ids=lambda rule: f"{rule.id}-{rule.effective_from}")
def test_every_text_of_a_rule_is_in_russian(rule):
    texts = [rule.title, rule.trigger, rule.produces, rule.note, rule.open_question]
    texts += [rule.extension.condition] if rule.extension else []

    with translation.override("ru"):
        russian = [str(text) for text in texts if text]

    assert [text for text in russian if not any("а" <= letter <= "я" for letter in text.lower())] == []

import time

import pytest

from consent.differences import Difference, between, words_between
from profiles import load
from profiles.documents import PolicyText
from profiles.markdown import Reader, read_policy

BEFORE = """# Policy

## 1. General

1.1. The operator is the company.

1.2. The policy is posted on the site, always.

## 2. Data

2.1. Name and address are processed.

2.2. They are kept for thirty days and destroyed.
"""


def policy(text: str) -> PolicyText:
    return read_policy(text, Reader(language="en"))


def difference(old: str, new: str) -> Difference:
    assert old in BEFORE
    return between(policy(BEFORE), policy(BEFORE.replace(old, new)))


def shown(found: Difference) -> list[tuple[str, str, str]]:
    return [(clause.kind, clause.old_mark, clause.mark) for clause in found.clauses]


def test_versions_that_are_the_same_differ_in_nothing():
    found = between(policy(BEFORE), policy(BEFORE))

    assert (found.clauses, found.same) == ((), 7)


def test_changed_clause_shows_the_words_that_went_and_came():
    (clause,) = difference("thirty days", "ten days").clauses

    assert (clause.kind, clause.mark) == ("changed", "2.2")
    assert [(piece.kind, piece.text) for piece in clause.pieces] == [
        ("same", "They are kept for "),
        ("del", "thirty "),
        ("ins", "ten "),
        ("same", "days and destroyed."),
    ]


def test_added_clause_is_added_and_those_behind_it_are_only_renumbered():
    found = between(
        policy(BEFORE),
        policy(BEFORE.replace("2.2. They", "2.3. They").replace("2.1. Name", "2.1. Nobody else sees it.\n\n2.2. Name")),
    )

    assert shown(found) == [("added", "", "2.1"), ("renumbered", "2.1", "2.2"), ("renumbered", "2.2", "2.3")]
    assert (found.added, found.marks) == (1, ["2.1"])


def test_removed_clause_is_shown_where_it_stood():
    found = difference("1.2. The policy is posted on the site, always.\n\n", "")

    assert shown(found) == [("removed", "1.2", "")]
    assert found.clauses[0].pieces[0].text == "The policy is posted on the site, always."


def test_clause_that_is_moved_and_reworded_is_recognised():
    found = difference(
        "1.1. The operator is the company.", "1.1. Words of welcome.\n\n1.2. The operator is the only company."
    )

    assert ("changed", "1.1", "1.2") in shown(found)
    assert ("added", "", "1.1") in shown(found)


def test_clause_of_wholly_other_words_keeps_its_place_by_its_number():
    assert shown(difference("The operator is the company.", "Nothing alike stands here now")) == [
        ("changed", "1.1", "1.1")
    ]


def test_heading_and_title_are_compared_too():
    assert shown(difference("## 2. Data", "## 2. Data of people")) == [("changed", "2", "2")]
    assert shown(difference("# Policy\n", "# Policy of today\n")) == [("changed", "", "")]


def test_items_of_lists_stay_on_their_lines():
    before, after = BEFORE + "\n- one\n- two\n", BEFORE + "\n- one\n- three\n"

    (clause,) = between(policy(before), policy(after)).clauses

    assert "• one\n" in "".join(piece.text for piece in clause.pieces)


def test_consents_are_compared_section_by_section():
    consents = load("loyal_club").consents

    found = between(consents["ads"].ru, consents["surveys"].ru)

    assert found.changed > 0


@pytest.mark.parametrize("count", [50_000])
def test_endless_clause_is_compared_in_a_moment(count):
    before = " ".join(f"слово {number % 7}" for number in range(count))
    after = " ".join(f"слово {number % 5} и" for number in range(count))
    began = time.perf_counter()

    pieces = list(words_between(before, after))

    assert [piece.kind for piece in pieces] == ["del", "ins"]
    assert time.perf_counter() - began < 1


def test_long_policy_is_compared_in_a_moment():
    clauses = [
        f"1.{number}. Оператор делает дело номер {number} " + "с данными людей по закону " * 40
        for number in range(1, 400)
    ]
    before = "# П\n\n## 1. О\n\n" + "\n\n".join(clauses)
    after = before.replace("номер", "под номером").replace("по закону с", "по договору с", 900)
    texts = policy(before), policy(after)
    began = time.perf_counter()

    found = between(*texts)

    assert found.changed == 399
    assert time.perf_counter() - began < 5

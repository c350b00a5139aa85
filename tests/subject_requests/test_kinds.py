from law.rules import RULES
from law.rules.fines import fine_of
from subject_requests.kinds import OUTCOME_OF, RULES_OF, RequestKind, in_order
from subject_requests.norms import norms_for


def test_every_kind_has_rules_an_outcome_and_norms():
    assert set(RULES_OF) == set(OUTCOME_OF) == set(RequestKind)
    assert [kind for kind in RequestKind if not norms_for([kind])] == []


def test_every_rule_that_a_request_starts_says_what_missing_it_may_cost():
    started = {rule for rules in RULES_OF.values() for rule in rules}

    assert [rule for rule in sorted(started) if rule not in RULES or fine_of(rule) is None] == []


def test_kinds_come_once_and_in_one_order():
    assert in_order(["stop_ads", "access", "stop_ads"]) == [RequestKind.ACCESS, RequestKind.STOP_ADS]

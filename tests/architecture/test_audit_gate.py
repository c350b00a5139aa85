"""Whatever an auditor may open goes through the one door that asks for their mandate."""

from access.roles import Role
from access.rules import rule_of
from processing_log.gate import is_behind_the_gate
from tests.architecture.test_addresses import addresses


def test_every_page_of_the_auditor_is_behind_the_gate():
    audited = {route: view for route, view in addresses() if route.startswith("audit/")}
    for_auditors_alone = {
        route: view
        for route, view in addresses()
        if (rule := rule_of(view)) and rule.roles == frozenset({Role.AUDITOR})
    }

    assert [route for route, view in (audited | for_auditors_alone).items() if not is_behind_the_gate(view)] == []
    assert len(audited) >= 10
    assert set(audited) <= set(for_auditors_alone)

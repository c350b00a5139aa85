import pytest
from django.http import HttpResponse

from access.roles import Role
from access.rules import only, open_to_all, rule_of, signed_in


def view(request):
    return HttpResponse()


def test_a_view_without_a_rule_has_none():
    assert rule_of(view) is None


@pytest.mark.parametrize(
    ("mark", "roles"),
    [(open_to_all, None), (signed_in, frozenset(Role)), (only(Role.AUDITOR), frozenset({Role.AUDITOR}))],
)
def test_a_rule_is_said_above_the_view(mark, roles):
    def fresh(request):
        return HttpResponse()

    rule = rule_of(mark(fresh))
    assert rule is not None
    assert rule.roles == roles

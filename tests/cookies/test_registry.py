"""What the profile says of cookies, and what is refused when it is loaded."""

import pytest

from cookies.checks import every_cookie_of_the_portal_is_registered
from cookies.registry import STORAGE, is_covered, registry
from profiles import load
from profiles.errors import InvalidProfile
from tests.factories.profiles import change

SILENT = 'telemetry = ["visits"]'
MC = '["mc.yandex.ru"]'


def test_loyal_club_leaves_nothing_to_choose():
    assert registry().optional == ()
    assert set(registry().groups) == {"necessary"}


@pytest.mark.parametrize("name", ["sessionid", "__Host-sessionid", "__Secure-csrftoken", "theme"])
def test_own_cookies_are_known_by_the_names_they_have_over_https_too(name):
    found = registry().find(name)

    assert found
    assert found.group == "necessary"


@pytest.mark.parametrize("name", ["sessionid2", "_ym_uid", "__Host-", ""])
def test_what_is_not_listed_is_not_known(name):
    assert registry().find(name) is None


def test_name_with_a_star_stands_for_all_that_begin_so(counted):
    assert registry().find("_ym_visorc_10203040")
    assert registry().find("_ym_retryReqs", STORAGE)
    assert registry().find("_ym_retryReqs") is None


CASES = {
    "a foreign database": (
        "cookies.toml",
        '[cookie_groups.analytics]\ndatabase_country = "RU"',
        '[cookie_groups.analytics]\ndatabase_country = "US"',
        "cookie_groups.analytics.database_country",
        "data of people in Russia may not be collected into databases abroad (article 18, part 5)",
    ),
    "a counter known to be abroad": (
        "cookies.toml",
        "hosts.img = " + MC,
        'hosts.img = ["mc.yandex.ru", "www.google-analytics.com"]',
        "cookie_groups.analytics.hosts",
        "www.google-analytics.com: data of people in Russia may not be collected into databases abroad",
    ),
    "an operator that collects nothing about visits": (
        "profile.toml",
        SILENT,
        "telemetry = []",
        "cookie_groups.analytics.hosts",
        "this operator collects no data about visits (telemetry is empty)",
    ),
    "a counter without its host": (
        "cookies.toml",
        "hosts.connect = " + MC,
        "hosts.connect = []",
        "cookie_groups.analytics.metrica",
        "needs mc.yandex.ru for script, connect and img",
    ),
    "a counter without its cookies": (
        "cookies.toml",
        'name = "_ym_uid"',
        'name = "_ym_other"',
        "cookie_groups.analytics.metrica",
        "sets _ym_uid, which is not among the cookies of this group",
    ),
    "a group for nothing": (
        "cookies.toml",
        'purposes = ["count_visits"]',
        "purposes = []",
        "cookie_groups.analytics.purposes",
        "is empty: nobody can agree to something for nothing",
    ),
    "hosts of nobody": (
        "cookies.toml",
        'recipients = ["yandex"]',
        "recipients = []",
        "cookie_groups.analytics.recipients",
        "is empty: whose hosts are these?",
    ),
    "a recipient nobody declared": (
        "cookies.toml",
        'recipients = ["yandex"]',
        'recipients = ["yandex", "post"]',
        "cookie_groups.analytics.recipients",
        "'post' is not a declared recipient",
    ),
    "a choice that is not kept": (
        "cookies.toml",
        'name = "cookie_choice"',
        'name = "cookie_choices"',
        "cookies",
        "must declare cookie_choice as necessary",
    ),
    "a choice without a term": (
        "cookies.toml",
        "[cookie_choice]\ndays = 180\nevidence_days = 1095\n",
        "",
        "cookie_choice",
        "is missing: a group of cookies is left to the visitor's choice",
    ),
    "a proof that ends before the choice": (
        "cookies.toml",
        "evidence_days = 1095",
        "evidence_days = 90",
        "cookie_choice.evidence_days",
        "is shorter than the choice lasts",
    ),
    "a cookie of no group": (
        "cookies.toml",
        'group = "necessary"\ndays = 0',
        'group = "useful"\ndays = 0',
        "cookies[django_language].group",
        "'useful' is not a declared group of cookies",
    ),
    "the same cookie twice": ("cookies.toml", "_ym_d", "_ym_uid", "cookies", "'_ym_uid' stands here 2 times"),
    "a necessary cookie with half a name": (
        "cookies.toml",
        '"theme"',
        '"theme*"',
        "cookies[theme*].name",
        "the portal knows the whole names of its own cookies",
    ),
    "a necessary host": (
        "cookies.toml",
        "[cookie_groups.necessary]",
        '[cookie_groups.necessary]\nhosts.img = ["mc.yandex.ru"]',
        "cookie_groups.necessary.hosts",
        "what needs a host of somebody else is not necessary",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_load_refuses_and_names_file_key_and_reason(case, counted):
    file, old, new, key, reason = CASES[case]
    change(counted, file, old, new)

    with pytest.raises(InvalidProfile) as refused:
        load(str(counted))

    blamed = [(fault.file, fault.key) for fault in refused.value.faults if reason in fault.reason]
    assert blamed == [("cookies.toml", key)]


def test_check_fails_on_a_cookie_of_the_portal_that_is_not_listed(counted):
    assert every_cookie_of_the_portal_is_registered(None) == []

    change(counted, "cookies.toml", 'name = "theme"', 'name = "themes"')

    (error,) = every_cookie_of_the_portal_is_registered(None)
    assert error.msg == "the profile does not list the cookie theme as necessary"


THEN = {"purposes": ["count"], "recipients": ["yandex"], "hosts": ["a.ru", "b.ru"], "countries": ["RU"], "days": 30}


@pytest.mark.parametrize(
    ("change_of", "holds"),
    [
        ({}, True),
        ({"hosts": ["a.ru"]}, True),
        ({"days": 7}, True),
        ({"hosts": ["a.ru", "c.ru"]}, False),
        ({"purposes": ["count", "advertise"]}, False),
        ({"recipients": ["other"]}, False),
        ({"countries": ["RU", "BY"]}, False),
        ({"days": 31}, False),
    ],
)
def test_choice_covers_less_and_never_more(change_of, holds):
    assert is_covered("analytics", {"analytics": {**THEN, **change_of}}, {"analytics": THEN}) is holds


def test_choice_about_other_groups_covers_no_new_one():
    assert not is_covered("ads", {"ads": THEN}, {"analytics": THEN})


def test_registry_is_there_for_programs(client, counted):
    data = client.get("/privacy/cookies/registry.json").json()

    assert data["version"] == registry().version
    assert {entry["name"] for entry in data["cookies"]} >= {"sessionid", "_ym_uid"}
    assert [group["code"] for group in data["groups"]] == ["necessary", "analytics"]

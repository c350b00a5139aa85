"""When a visitor who has chosen is asked again: when there is more to agree to than there was."""

from uuid import uuid4

import pytest
from django.http import HttpResponse

from cookies import choice_cookie
from cookies.choice_cookie import Choice
from tests.cookies.visits import CSS, GPC, HOST, MATTERS, choose, is_asked, policy_of, text
from tests.factories.profiles import change

pytestmark = pytest.mark.django_db

NEW_GROUP = """
[cookie_groups.comfort]
database_country = "RU"
purposes = ["remember_filters"]
title.ru = "Удобство"
title.en = "Comfort"
description.ru = "Помнит фильтры."
description.en = "Remembers filters."
"""
NEW_COOKIE = """[[cookies]]
name = "filters"
group = "comfort"
days = 30
country = "RU"
owner.ru = "портал"
owner.en = "the portal"
why.ru = "Помнит фильтры."
why.en = "Remembers filters."
term.ru = "30 дней"
term.en = "30 days"

[[cookies]]
name = "theme\""""


@pytest.mark.parametrize("what", MATTERS)
def test_more_than_was_agreed_to_is_off_until_it_is_agreed_to(client, counted, what):
    choose(client, "accept")

    change(counted, "cookies.toml", *MATTERS[what])

    assert is_asked(client)
    assert HOST not in policy_of(client)
    choose(client, "accept")
    assert not is_asked(client)
    assert HOST in policy_of(client)


@pytest.mark.parametrize("what", MATTERS)
def test_whoever_refused_is_not_asked_again_because_there_is_more_to_refuse(client, counted, what):
    choose(client, "refuse")

    change(counted, "cookies.toml", *MATTERS[what])

    assert not is_asked(client)


def test_less_than_was_agreed_to_needs_no_question(client, counted):
    change(counted, "cookies.toml", *MATTERS["a host"])
    choose(client, "accept")

    change(counted, "cookies.toml", *reversed(MATTERS["a host"]))

    assert not is_asked(client)
    assert HOST in policy_of(client)


def test_other_words_need_no_question(client, counted):
    choose(client, "accept")

    change(counted, "cookies.toml", "Counting visits", "Visits counted")
    change(counted, "cookies.toml", "День первого посещения.", "День, когда вы пришли впервые.")

    assert not is_asked(client)
    assert HOST in policy_of(client)


@pytest.mark.parametrize("decision", ["accept", "refuse"])
def test_new_group_is_asked_about_and_the_old_answer_stands(client, counted, decision):
    choose(client, decision)

    change(counted, "cookies.toml", "[cookie_groups.analytics]", NEW_GROUP + "\n[cookie_groups.analytics]")
    change(counted, "cookies.toml", '[[cookies]]\nname = "theme"', NEW_COOKIE)

    assert is_asked(client)
    assert (HOST in policy_of(client)) is (decision == "accept")


def test_choice_about_what_nobody_remembers_is_asked_again(client, counted):
    response = HttpResponse()
    forgotten = Choice(consent_id=uuid4(), accepted=frozenset({"analytics"}), version="0" * 64, despite_gpc=False)
    choice_cookie.write(response, forgotten)
    client.cookies["cookie_choice"] = response.cookies["cookie_choice"].value

    assert is_asked(client)
    assert HOST not in policy_of(client)
    assert text(client.get(CSS, headers=GPC)) == ""

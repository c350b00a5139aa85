"""The choice without a browser: what is asked, what is written down, what the answer says."""

import json
from typing import Any

import pytest
from django.test import Client

from cookies import choice_cookie
from cookies.models import CookieChoice
from cookies.registry import registry, sha256_of
from tests.architecture.stage import Visitor
from tests.cookies.visits import (
    CHOOSE,
    CSS,
    GPC,
    HOST,
    JS,
    MATTERS,
    OURS,
    PAGE,
    choose,
    is_asked,
    only_choice,
    policy_of,
    screen_on,
    text,
)
from tests.factories.profiles import COUNTER, change

pytestmark = pytest.mark.django_db


def removed(response: Any) -> set[tuple[str, str]]:
    return {
        (morsel.key, morsel["domain"])
        for morsel in response.cookies.values()
        if morsel.value == "" and morsel.key != ""
    }


# --- where there is nothing to choose ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("db")
def test_operator_with_necessary_cookies_only_asks_nothing(client):
    html = text(client.get("/"))

    assert "cookie-banner" not in html
    assert "choice." not in html
    assert text(client.get(CSS)) == text(client.get(JS)) == ""
    assert client.post(CHOOSE, {"decision": "accept"}, headers=OURS).status_code == 404


def test_operator_with_necessary_cookies_only_still_says_which(client):
    html = text(client.get(PAGE, headers={"accept-language": "en"}))

    assert ">sessionid<" in html
    assert "Accept all" not in html
    assert "nothing is counted or followed" in html


def test_page_gives_cookies_the_names_they_have_over_https(client, settings):
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"

    html = text(client.get(PAGE))

    assert ">__Host-sessionid<" in html
    assert ">__Host-csrftoken<" in html
    assert ">theme<" in html


# --- the question -----------------------------------------------------------------------------------------------------


def test_whoever_has_not_chosen_is_asked_and_nothing_is_on(client, counted):
    assert is_asked(client)
    assert text(client.get(JS)) == ""
    assert HOST not in policy_of(client)
    assert CookieChoice.objects.count() == 0


@pytest.mark.parametrize("language", ["ru", "en"])
def test_yes_and_no_are_the_same_button_on_the_same_layer(client, counted, language):
    html = text(client.get("/", headers={"accept-language": language}))
    banner = html[html.index('<section class="cookie-banner') :].partition("</section>")[0]
    buttons = [line.strip() for line in banner.partition("<details")[0].splitlines() if "<button" in line]

    assert len(buttons) == 2
    assert len({button.partition(' value="')[0] for button in buttons}) == 1
    assert "checked" not in banner


def test_page_of_whoever_says_yes_is_byte_for_byte_the_page_of_whoever_says_no(counted):
    pages = []
    for decision in ("accept", "refuse", None):
        client = Client()
        if decision:
            choose(client, decision)
        pages.append(text(client.get("/privacy/data-map/", headers={"accept-language": "en"})))

    assert pages[0] == pages[1] == pages[2]
    assert "cookie-banner" in pages[0]


def test_page_for_everybody_does_not_tell_with_what_query_somebody_came(client, counted):
    assert "letter-7" not in text(client.get("/privacy/data-map/?from=letter-7")).partition("</section>")[0]


def test_cache_that_keeps_headers_too_is_told_that_they_differ(client, counted):
    assert {"Cookie", "Sec-GPC"} <= set(client.get("/").headers["Vary"].split(", "))


def test_banner_does_not_stand_over_the_page_that_has_the_form_itself(client, counted):
    html = text(client.get(PAGE))

    assert "cookie-banner" not in html
    assert html.count(f'action="{CHOOSE}"') == 1


def test_what_differs_for_each_visitor_is_kept_by_no_cache(client, counted):
    for path in (CSS, JS, PAGE):
        assert "no-store" in client.get(path).headers["Cache-Control"]


# --- yes --------------------------------------------------------------------------------------------------------------


def test_yes_names_the_host_and_starts_the_counter(client, counted):
    response = choose(client, "accept")

    assert response.headers["Location"] == "/"
    assert not is_asked(client)
    assert HOST in policy_of(client)
    assert f'"counter": {COUNTER}' in text(client.get(JS))


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/password/reset/", "/nowhere/"])
def test_host_is_named_on_published_pages_only(client, counted, path):
    choose(client, "accept")

    assert HOST not in policy_of(client, path)
    assert JS not in text(client.get(path))


def test_yes_by_category_is_a_yes_to_what_is_ticked(client, counted):
    choose(client, "save", "analytics")
    assert only_choice().accepted == ["analytics"]

    choose(client, "save")

    assert CookieChoice.objects.latest("id").accepted == []
    assert HOST not in policy_of(client)


def test_choice_is_written_down_with_all_that_was_shown(client, counted):
    choose(client, "accept", **{"accept-language": "en"})

    row = only_choice()
    assert (row.accepted, row.refused, row.method, row.language) == (["analytics"], [], "banner", "en")
    assert (row.ends_at - row.at).days == 1095
    assert row.screen
    screen = json.loads(row.screen.content)
    assert [button["label"] for button in screen["buttons"]] == ["Refuse all", "Accept all"]
    assert [group["is_ticked"] for group in screen["groups"]] == [False, False]
    assert json.loads(row.registry.content)["analytics"]["hosts"] == ["mc.yandex.ru"]
    for shown in (row.screen, row.registry):
        assert sha256_of(text(client.get(f"/privacy/cookies/shown/{shown.pk}.json"))) == shown.pk


def test_nothing_of_the_visitor_is_written_down(client, counted):
    fields = {field.name for field in CookieChoice._meta.fields}

    assert fields == {
        "id", "consent_id", "accepted", "refused", "registry", "screen", "language", "method", "at", "ends_at",
    }  # fmt: skip


def test_page_shows_the_choice_its_number_and_its_time(client, counted):
    choose(client, "accept")

    html = text(client.get(PAGE, headers={"accept-language": "en"}))

    assert str(only_choice().consent_id) in html
    assert "<time" in html
    assert "checked" in html


def test_number_stays_the_same_when_the_choice_changes(client, counted):
    choose(client, "accept")
    choose(client, "refuse", path=PAGE)

    assert len({row.consent_id for row in CookieChoice.objects.all()}) == 1
    assert [row.method for row in CookieChoice.objects.all()] == ["banner", "page"]


# --- no ---------------------------------------------------------------------------------------------------------------


def test_no_is_written_down_and_not_asked_again(client, counted):
    choose(client, "refuse")

    assert only_choice().refused == ["analytics"]
    assert not is_asked(client)
    assert text(client.get(JS)) == ""
    assert HOST not in policy_of(client)


def test_taking_back_removes_every_cookie_of_the_group_from_every_domain(client, counted, settings):
    settings.ALLOWED_HOSTS = ["portal.example.org"]
    client.defaults["SERVER_NAME"] = "portal.example.org"
    ours = {"origin": "http://portal.example.org"}
    choose(client, "accept", **ours)
    for name in ("_ym_uid", "_ym_visorc_7", "theme"):
        client.cookies[name] = "1"

    response = choose(client, "refuse", path=PAGE, **ours)

    domains = ("", "portal.example.org", "example.org")
    assert removed(response) == {(name, domain) for name in ("_ym_uid", "_ym_d", "_ym_visorc_7") for domain in domains}
    assert response.headers["Clear-Site-Data"] == '"storage"'


def test_cookie_that_an_open_tab_set_again_goes_with_the_next_answer(client, counted):
    choose(client, "refuse")
    client.cookies["_ym_uid"] = "1"

    assert ("_ym_uid", "") in removed(client.get("/"))


def test_cookie_of_a_chosen_group_stays(client, counted):
    choose(client, "accept")
    client.cookies["_ym_uid"] = "1"

    assert removed(client.get("/")) == set()


# --- what is not taken for a choice -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://testserver", "sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_form_on_somebody_elses_page_chooses_nothing(client, counted, headers):
    data = {"decision": "accept", "screen": screen_on(client)}

    assert client.post(CHOOSE, data, headers=headers).status_code == 403
    assert CookieChoice.objects.count() == 0


def test_get_chooses_nothing(client, counted):
    assert client.get(CHOOSE, {"decision": "accept"}, headers=OURS).status_code == 405


@pytest.mark.parametrize("position", [0, 20, 40, 90, 105, 120])
def test_altered_cookie_is_no_choice(client, counted, position):
    choose(client, "accept")
    value = client.cookies["cookie_choice"].value
    other = "b" if value[position] == "a" else "a"
    client.cookies["cookie_choice"] = value[:position] + other + value[position + 1 :]

    assert is_asked(client)
    assert HOST not in policy_of(client)
    assert text(client.get(JS)) == ""


@pytest.mark.parametrize("value", ["", "x", "analytics", "a.b.c.d:e", "é", "a" * 5000])
def test_forged_cookie_is_no_choice(client, counted, value):
    client.cookies["cookie_choice"] = value

    assert is_asked(client)


def test_yes_to_an_older_form_switches_nothing_on_and_says_so(client, counted):
    older = screen_on(client)
    change(counted, "cookies.toml", "Counting visits", "Counting all visits")
    change(counted, "cookies.toml", "Подсчёт посещений", "Подсчёт всех посещений")

    response = client.post(CHOOSE, {"decision": "accept", "screen": older}, headers=OURS, follow=True)

    assert CookieChoice.objects.count() == 0
    assert 'role="alert"' in text(response)


@pytest.mark.parametrize("what", MATTERS)
def test_yes_to_a_form_from_before_there_was_more_to_it_switches_nothing_on(client, counted, what):
    """Its words are those of today; what they stand for is not."""
    older = screen_on(client)
    change(counted, "cookies.toml", *MATTERS[what])

    client.post(CHOOSE, {"decision": "accept", "screen": older}, headers=OURS)

    assert CookieChoice.objects.count() == 0
    assert HOST not in policy_of(client)


def test_no_in_an_older_form_is_taken(client, counted):
    client.post(CHOOSE, {"decision": "refuse", "screen": "0" * 64}, headers=OURS)

    assert only_choice().screen is None
    assert not is_asked(client)


def test_yes_to_a_group_that_does_not_exist_switches_nothing_on(client, counted):
    choose(client, "save", "necessary", "everything")

    assert CookieChoice.objects.count() == 0


def test_choice_leads_back_to_pages_of_ours_only(client, counted):
    for target in ("https://evil.example/", "//evil.example/", "javascript:alert(1)", ""):
        data = {"decision": "refuse", "next": target}
        assert client.post(CHOOSE, data, headers=OURS).headers["Location"] == PAGE


def test_cookie_of_the_choice_is_for_this_portal_alone(client, counted, settings):
    settings.SESSION_COOKIE_SECURE = True
    morsel = choose(client, "refuse").cookies["__Host-cookie_choice"]

    assert (morsel["httponly"], morsel["secure"], morsel["samesite"], morsel["path"]) == (True, True, "Lax", "/")
    assert morsel["max-age"] == 180 * 24 * 60 * 60
    assert len(morsel.value) < 200
    assert registry().find(choice_cookie.cookie_name())


# --- the browser's signal ---------------------------------------------------------------------------------------------


def test_signal_is_a_no_without_a_question(client, counted):
    assert not is_asked(client, **GPC)
    html = text(client.get(PAGE, headers={**GPC, "accept-language": "en"}))
    assert "Your browser says no for you" in html
    assert CookieChoice.objects.count() == 0


def test_signal_takes_back_an_earlier_yes_and_that_is_written_down(client, counted):
    choose(client, "accept")
    assert HOST not in policy_of(client, **GPC)

    response = client.get(CSS, headers=GPC)

    assert [row.method for row in CookieChoice.objects.all()] == ["banner", "gpc"]
    assert ("_ym_uid", "") in removed(response)
    client.get(CSS, headers=GPC)
    assert CookieChoice.objects.count() == 2
    assert HOST not in policy_of(client)


def test_old_cookie_that_is_sent_again_and_again_with_the_signal_is_written_down_once(client, counted):
    choose(client, "accept")
    old = client.cookies["cookie_choice"].value

    for _ in range(3):
        client.cookies["cookie_choice"] = old
        client.get(CSS, headers=GPC)

    assert [row.method for row in CookieChoice.objects.all()] == ["banner", "gpc"]


def test_person_may_say_yes_though_the_browser_says_no(client, counted):
    choose(client, "accept", path=PAGE, **GPC)

    assert HOST in policy_of(client, **GPC)
    assert HOST in policy_of(client)


def test_portal_says_that_it_heeds_the_signal(client):
    assert client.get("/.well-known/gpc.json").json() == {"gpc": True, "lastUpdate": "2026-11-22"}


def test_visitor_who_asks_every_address_stumbles_over_an_unknown_cookie(counted):
    """The client of the table of roles and addresses, tests/architecture."""
    Visitor().post("/looks/theme/", {"theme": "dark"})
    change(counted, "cookies.toml", 'name = "theme"', 'name = "themes"')

    with pytest.raises(AssertionError):
        Visitor().post("/looks/theme/", {"theme": "dark"})


def test_page_that_asks_costs_no_query(client, counted, django_assert_num_queries):
    choose(client, "accept")

    with django_assert_num_queries(0):
        client.get(CSS)
        client.get(JS)

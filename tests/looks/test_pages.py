"""The pages that belong to no room: start page, errors, signing in, the frame around all."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils.translation import override

import profiles
from looks import errors
from looks.samples import samples

LANGUAGES = ("ru", "en")
pytestmark = pytest.mark.django_db


def request(path: str = "/") -> HttpRequest:
    return RequestFactory().get(path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_start_page_says_what_this_is_in_the_language_asked_for(client: Client, language: str) -> None:
    client.cookies["django_language"] = language

    page = client.get("/").content.decode()

    assert f'<html lang="{language}"' in page
    assert ("Ваши данные\u00a0— в ваших руках" if language == "ru" else "Your data in your hands") in page
    assert profiles.current().operator.short_name.in_language(language) in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_has_policy_operator_and_ways_to_change_language_and_theme(client: Client, language: str) -> None:
    client.cookies["django_language"] = language
    operator = profiles.current().operator

    page = client.get("/").content.decode()

    assert 'href="/privacy/"' in page
    assert f'href="mailto:{operator.email}"' in page
    assert operator.inn in page
    assert 'action="/language/"' in page
    assert 'name="theme"' in page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (errors.bad_request, 400),
        (errors.permission_denied, 403),
        (errors.csrf_failure, 403),
        (errors.page_not_found, 404),
        (errors.conflict, 409),
        (errors.locked, 423),
        (errors.too_many_requests, 429),
        (errors.server_error, 500),
    ],
)
def test_error_page_renders_in_both_languages(
    answer: Callable[[HttpRequest], HttpResponse], status: int, language: str
) -> None:
    with override(language):
        response = answer(request())

    assert response.status_code == status
    assert b"<h1>" in response.content


@pytest.mark.parametrize("status", [400, 403, 404, 409, 423, 429, 500])
def test_error_under_the_api_is_a_problem_document(status: int) -> None:
    answers: dict[int, Callable[[HttpRequest], HttpResponse]] = {
        400: errors.bad_request,
        403: errors.permission_denied,
        404: errors.page_not_found,
        409: errors.conflict,
        423: errors.locked,
        429: errors.too_many_requests,
        500: errors.server_error,
    }

    response = answers[status](request("/api/v1/anything"))

    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"


def test_error_page_repeats_nothing_of_the_request() -> None:
    response = errors.page_not_found(request("/receipts/canary-7f3a/?who=canary-7f3a"), PermissionDenied("canary-7f3a"))

    main = response.content.decode().split("<main")[1].split("</main>")[0]
    assert "canary-7f3a" not in main


def test_server_error_needs_no_template(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_name: str) -> str:
        raise ValueError("no manifest")

    monkeypatch.setattr(errors, "render_to_string", broken)

    assert errors.server_error(request()).status_code == 500


@pytest.mark.parametrize("language", LANGUAGES)
def test_style_guide_renders_every_component(language: str) -> None:
    with override(language):
        page = render_to_string("demo/components.html", samples(), request())

    for css_class in ("notice-bad", "tag-warn", "tile", "empty", "facts", "grid-table", "pager", "timeline", "chart"):
        assert f'class="{css_class}' in page or f" {css_class}" in page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "path", ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/accounts/password/reset/done/"]
)
def test_entrance_page_renders_in_both_languages(client: Client, path: str, language: str) -> None:
    client.cookies["django_language"] = language

    response = client.get(path)

    assert response.status_code == 200
    assert f'<html lang="{language}"' in response.content.decode()

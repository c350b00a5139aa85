import hashlib
import json

import pytest
from django.test import Client
from django.urls import reverse

from consent.models import ConsentTextVersion, PolicyVersion

pytestmark = pytest.mark.usefixtures("published")


def page(client: Client, url: str, language: str = "ru") -> str:
    response = client.get(url, headers={"accept-language": language})
    assert response.status_code == 200, url
    return str(response.content, "utf-8")


def test_policy_is_open_and_has_every_clause_with_an_anchor(client):
    html = page(client, "/privacy/")

    for clause in PolicyVersion.objects.get().document.ru.clauses:
        assert f'id="{clause.anchor}"' in html
    assert 'id="clause-3-6-2"' in html
    assert "<strong>Сервис</strong>" in html
    assert '<a href="mailto:support@loyalclub.ru">' in html


def test_policy_in_english_says_which_text_is_the_master(client):
    html = page(client, "/privacy/", "en")

    assert "The Russian text is the master." in html
    assert "Privacy and personal data processing policy" in html


@pytest.mark.parametrize("language", ["ru", "en"])
def test_policy_text_as_a_file_has_the_hash_that_the_page_shows(client, language):
    body = client.get(f"/privacy/v/1/policy.{language}.txt").content

    assert hashlib.sha256(body).hexdigest() in page(client, "/privacy/", language)


def test_policy_json_holds_card_dates_actions_and_both_texts(client):
    data = json.loads(page(client, "/privacy/policy.json"))

    assert (data["operator"]["inn"], data["operator"]["ogrn"]) == ("9715518580", "1257700492389")
    assert (data["effective"], data["updated"], data["version"]) == ("2025-06-01", "2025-11-10", 1)
    assert len(data["actions"]) == 13
    assert data["sha256"]["ru"] == PolicyVersion.objects.get().sha256
    assert [section["number"] for section in data["texts"]["en"]["sections"]] == list("123456789")


@pytest.mark.parametrize("url", ["/privacy/v/1/", "/privacy/history/", "/privacy/cookies/"])
@pytest.mark.parametrize("language", ["ru", "en"])
def test_public_page_is_open_in_both_languages(client, url, language):
    assert f'<html lang="{language}"' in page(client, url, language)


def test_version_that_does_not_exist_is_not_found(client):
    assert client.get("/privacy/v/2/").status_code == 404


def test_history_lists_each_version_with_its_hash(client):
    assert PolicyVersion.objects.get().sha256 in page(client, "/privacy/history/")


def test_each_consent_text_is_open_with_its_hash(client):
    for text in ConsentTextVersion.objects.all():
        body = client.get(f"/privacy/consents/{text.slug}/v/{text.version}/consent.ru.txt").content
        html = page(client, f"/privacy/consents/{text.slug}/")

        assert hashlib.sha256(body).hexdigest() == text.sha256
        assert text.sha256 in html
        assert text.document.ru.title in html


def test_consent_text_that_does_not_exist_is_not_found(client):
    assert client.get("/privacy/consents/nothing/").status_code == 404
    assert client.get("/privacy/consents/surveys/v/7/").status_code == 404


def test_cookie_page_names_every_cookie_of_the_registry(client):
    html = page(client, reverse("privacy:cookies"))

    for name in ("sessionid", "csrftoken", "django_language", "theme"):
        assert f">{name}<" in html

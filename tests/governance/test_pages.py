import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from personal_data import data_map
from profiles import current
from tests.factories.consent import publish

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def published(db: None) -> None:
    publish()


def data(client: Client) -> Any:
    return json.loads(client.get("/privacy/data-map.json").content)


@pytest.mark.parametrize("name", ["data_map", "recipients", "protection"])
@pytest.mark.parametrize("language", ["ru", "en"])
def test_public_page_is_open_in_both_languages(client, name, language):
    response = client.get(reverse(f"governance:{name}"), headers={"accept-language": language})

    assert response.status_code == 200
    assert f'<html lang="{language}"' in response.content.decode()


def test_data_map_holds_every_sealed_column_of_the_portal(client):
    held = {row["field"] for row in data(client)["held"]}

    assert held == {
        f"{model._meta.label_lower}.{field.name}"
        for model in data_map.sealed_models()
        for field in model.sealed_fields()
    }


def test_data_map_gives_each_purpose_a_basis_and_each_category_a_term(client):
    found = data(client)

    assert set(found["purposes"]) == set(current().purposes)
    assert {row["basis"] for row in found["purposes"].values()} == {"6.1.1", "6.1.2", "6.1.5"}
    assert all(row["retention"] for row in found["categories"].values())
    assert all(row["operations"] and row["categories"] for row in found["purposes"].values())


def test_data_map_says_what_a_consent_takes_beside_a_click(client):
    assert data(client)["purposes"]["ads"]["consent"] == {
        "confirmation": "email",
        "form": "click",
        "dissemination": False,
    }
    assert data(client)["purposes"]["account"]["consent"] is None
    page = client.get("/privacy/data-map/", headers={"accept-language": "ru"}).content.decode()
    assert "подтверждение по ссылке из письма" in page


def test_data_map_says_that_nothing_is_collected_automatically(client):
    assert data(client)["telemetry"] == []


def test_data_map_names_the_clauses_of_the_policy(client):
    found = data(client)

    assert found["purposes"]["ads"]["clauses"] == ["3.6•2"]
    assert [row["code"] for row in found["without_personal_data"]] == ["display", "tests", "statistics"]


def test_data_map_page_links_clauses_to_the_policy(client):
    html = client.get("/privacy/data-map/").content.decode()

    assert 'href="/privacy/#clause-3-6-2"' in html


def test_recipients_page_names_yookassa_and_that_no_personal_data_goes_there(client):
    html = client.get("/privacy/recipients/", headers={"accept-language": "en"}).content.decode()

    assert "YooMoney NKO LLC" in html
    assert ">none</dd>" in html

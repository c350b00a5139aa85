import re

import pytest
from django.urls import get_resolver

from operator_portal.api_description import described
from tests.factories.consent import publish


def test_description_is_openapi_and_names_every_address_of_the_api():
    document = described()
    under_api = {
        re.sub(r"<\w+:(\w+)>", r"{\1}", f"/api/v1/{inner.pattern}{last.pattern}")
        for inner in get_resolver().url_patterns
        if str(inner.pattern).startswith("api/v1/")
        for last in getattr(inner, "url_patterns", [])
    }

    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {path.replace("/api/v1/api/v1/", "/api/v1/") for path in under_api}


def test_description_says_for_every_call_who_may_and_what_may_go_wrong():
    for path, verbs in described()["paths"].items():
        for verb, call in verbs.items():
            assert {} not in call["security"], (path, verb)
            assert "401" in call["responses"], (path, verb)
            assert call["summary"]
            assert call["tags"]


def test_description_made_of_nothing_that_it_does_not_hold():
    document = described()
    named = set(re.findall(r"#/components/schemas/(\w+)", str(document)))

    assert named <= set(document["components"]["schemas"])


@pytest.mark.django_db
def test_description_is_served_to_all(client):
    response = client.get("/api/schema/")

    assert response.json() == described()


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "words"), [("ru", "По ключу"), ("en", "By key")])
def test_page_names_every_call_without_a_script(client, language, words):
    publish()
    page = client.get("/api/docs/", headers={"accept-language": language}).content.decode()

    assert words in page
    for path in described()["paths"]:
        assert f"<code>{path}</code>" in page
    assert "clocks[].due_on" in page

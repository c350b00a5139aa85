"""A consent is one text, one purpose and one act of its own: over all templates and all forms of the portal."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.conf import settings

from consent.models import ConsentTextVersion
from tests.factories.consent import publish

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
FORMS = ("forms", "paper_forms")
OF_CONSENT = re.compile(r"consent|agree|соглас", re.IGNORECASE)


def forms_of_the_portal() -> list[type[forms.BaseForm]]:
    for room in settings.ROOMS:
        for name in FORMS:
            if (ROOT / room / f"{name}.py").is_file():
                import_module(f"{room}.{name}")
    found: list[Any] = []
    waiting: list[Any] = [forms.Form, forms.ModelForm]
    while waiting:
        children = waiting.pop().__subclasses__()
        waiting += children
        found += [one for one in children if one.__module__.partition(".")[0] in settings.ROOMS]
    return found


def test_there_are_forms_to_look_at():
    assert len(forms_of_the_portal()) > 10


@pytest.mark.parametrize("form", forms_of_the_portal(), ids=lambda form: form.__qualname__)
def test_no_form_has_a_box_that_consents(form):
    """A tick is no act of its own; the one that a form has says what was read, and agrees to nothing."""
    boxes = {name: box for name, box in form.base_fields.items() if isinstance(box, forms.BooleanField)}

    for name, box in boxes.items():
        assert not OF_CONSENT.search(name), name
        assert not box.initial, f"{name} is ticked beforehand"


def test_only_the_page_of_one_consent_gives_it():
    giving = [path.name for path in TEMPLATES if "consents:give" in path.read_text(encoding="utf-8")]

    assert giving == ["consent.html"]


@pytest.mark.parametrize("path", [path for path in TEMPLATES if "consent" in path.parts], ids=lambda path: path.name)
def test_no_page_of_consents_has_anything_ticked_or_chosen(path):
    source = path.read_text(encoding="utf-8")

    words = re.sub(r"\{([%{#]).*?[%}#]\}", "", source, flags=re.DOTALL)
    assert not re.search(r"\b(checked|selected)\b", words)
    assert 'type="checkbox"' not in source


@pytest.mark.parametrize("address", ["/", "/accounts/signup/", "/accounts/login/", "/privacy/requests/new/"])
@pytest.mark.django_db
def test_no_consent_is_asked_for_elsewhere(client, address):
    publish()
    html = client.get(address).content.decode()

    assert "nonce" not in html
    assert "/give/" not in html
    for text in ConsentTextVersion.objects.all():
        assert f'value="{text.sha256}"' not in html
        assert text.document.ru.title not in html


@pytest.mark.django_db
def test_each_text_has_one_purpose_and_each_purpose_its_own_text():
    publish()
    texts = list(ConsentTextVersion.objects.all())

    assert len({text.purpose for text in texts}) == len({text.slug for text in texts}) == len(texts)
    assert len({text.sha256 for text in texts}) == len(texts)

"""The log's codes in the words of the rooms and of the operator's profile. Here, because the log knows nobody."""

from importlib import import_module

from django.apps import apps
from django.conf import settings
from django.db.models import TextChoices
from django.utils.module_loading import module_has_submodule
from django.utils.translation import get_language

import profiles
from processing_log import words


def teach_the_log() -> None:
    """Each room's facts are the `Fact` of its `facts.py`."""
    for room in apps.get_app_configs():
        if room.label in settings.ROOMS and room.module and module_has_submodule(room.module, "facts"):
            facts: type[TextChoices] = import_module(f"{room.name}.facts").Fact
            words.teach(facts={fact.value: fact.label for fact in facts})
    words.teach(purposes=lambda: profiles.current().purposes, purpose=_purpose, category=_category)


def _purpose(code: str) -> str:
    purpose = profiles.current().purposes.get(code)
    return purpose.title.in_language(_language()) if purpose else code


def _category(code: str) -> str:
    category = profiles.current().categories.get(code)
    return category.title.in_language(_language()) if category else code


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE

"""What stands on the pages, asked for by the English of the code: who changes the Russian need not change a journey."""

from django.utils import translation
from django.utils.translation import gettext, pgettext
from playwright.sync_api import Locator, Page


def ru(english: str, context: str = "", **values: object) -> str:
    with translation.override("ru"):
        russian = pgettext(context, english) if context else gettext(english)
    return russian % values if values else russian


def press(scope: Page | Locator, english: str, context: str = "") -> None:
    """A button, by what a screen reader calls it."""
    scope.get_by_role("button", name=ru(english, context), exact=True).click()


def follow(scope: Page | Locator, english: str, context: str = "") -> None:
    scope.get_by_role("link", name=ru(english, context), exact=True).click()

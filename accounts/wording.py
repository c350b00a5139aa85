from django.utils.translation import get_language, gettext


def reader_language() -> str:
    """Texts of the profile are in two languages; whoever reads in a third one gets the Russian master."""
    return "en" if (get_language() or "").startswith("en") else "ru"


def article(basis: str) -> str:
    """The item of 152-FZ behind a code of a legal basis: "6.1.3.1" is article 6, part 1, item 3.1."""
    number, part, item = basis.split(".", 2)
    return gettext("152-FZ, article %(number)s, part %(part)s, item %(item)s") % {
        "number": number,
        "part": part,
        "item": item,
    }

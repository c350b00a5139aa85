"""What the text of a consent must say, by the kind of consent that the purpose needs."""

from typing import Final, Literal

Confirmation = Literal["none", "email"]
ConsentForm = Literal["click", "written"]

#: 152-FZ, article 9, part 4, items 3 to 8: obligatory in writing, our minimum for a consent by click.
ALWAYS: Final = ("operator", "purpose", "data", "processors", "operations", "term")
#: Items 1, 2 and 9: with the six above they are the nine of a consent in writing.
IN_WRITING: Final = ("subject", "representative", "signature")
#: Article 10.1 and the requirements of Roskomnadzor's Order 18 to a consent to dissemination.
FOR_DISSEMINATION: Final = ("subject", "resources", "conditions", "transfer")
KNOWN: Final = (*ALWAYS, *dict.fromkeys((*IN_WRITING, *FOR_DISSEMINATION)))


def required(*, form: ConsentForm, dissemination: bool) -> dict[str, str]:
    """The codes of the sections that the text must have, each with the norm that asks for it."""
    codes = dict.fromkeys(ALWAYS, "152-FZ, 9.4, items 3-8")
    if dissemination:
        codes |= dict.fromkeys(FOR_DISSEMINATION, "152-FZ, 10.1; Roskomnadzor's Order 18")
    if form == "written":
        codes |= dict.fromkeys(IN_WRITING, "152-FZ, 9.4, items 1, 2 and 9")
    return codes

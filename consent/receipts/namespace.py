"""The words of our own that receipts use where the Data Privacy Vocabulary has none: for people and for programs."""

from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consent.receipts.document import NAMESPACE
from consent.receipts.vocabulary import DPV_CONTEXT

PROPERTY: Final = "rdf:Property"
THING: Final = "rdfs:Resource"


@dataclass(frozen=True, kw_only=True)
class Term:
    name: str
    kind: str
    meaning: str | Promise


def _term(name: str, meaning: str | Promise, kind: str = PROPERTY) -> Term:
    return Term(name=name, kind=kind, meaning=meaning)


TERMS: Final = (
    _term("152-FZ", _("The Federal Law of the Russian Federation On Personal Data, of 27 July 2006."), THING),
    _term("art9-withdrawal", _("The right to withdraw a consent (article 9, part 2)."), THING),
    _term("art14-information", _("The right to information about the processing (article 14)."), THING),
    _term("art20-correction", _("The right to correction, blocking and destruction (articles 14 and 20)."), THING),
    _term("accumulate", _("Accumulation, one of the operations of article 3."), THING),
    _term("Guardian", _("A parent, guardian or other legal representative of the person (article 9, part 6)."), THING),
    _term("Representative", _("Somebody with the person's power of attorney (article 9, part 1)."), THING),
    _term("inn", _("The tax number of the operator.")),
    _term("ogrn", _("The state registration number of the operator.")),
    _term("textSha256", _("SHA-256 of the text that was agreed to: of the bytes at the address of the notice.")),
    _term("screenSha256", _("SHA-256 of the screen as it was shown: its words, labels, order and language.")),
    _term("servedAt", _("When that screen was shown to the person.")),
    _term("after", _("The event from which a term of storage runs.")),
    _term("dissemination", _("What may be shown to everybody, category by category (article 10.1).")),
    _term("category", _("A category of personal data, by the code of the operator's register.")),
    _term("decision", _("Banned, allowed, or allowed on conditions.")),
    _term("conditions", _("The conditions and bans that the person has set.")),
    _term(
        "evidence", _("What ties the receipt to the operator's log; for storage, by which norm destruction is proved.")
    ),
)

#: What stands inside `ru:evidence`, without a prefix.
MEMBERS: Final = (
    _term("logOrigin", _("The name of the information system whose processing log tells of the consent.")),
    _term("noticeServedContext", _("The act in the log by which the text was shown.")),
    _term("askedContext", _("The act in the log by which the answer to a mail was asked for.")),
    _term("enteredContext", _("The act in the log by which a consent on paper or by telephone was entered.")),
    _term("context", _("The act in the log by which the consent was given.")),
    _term("withdrawnContext", _("The act in the log by which the consent was withdrawn.")),
    _term("nonceSha256", _("SHA-256 of the one-time number that ties the showing and the giving together.")),
    _term("askedAt", _("When the button was pressed, before the mail was answered.")),
    _term("receivedOn", _("The day on which a consent on paper or by telephone came in.")),
    _term("enteredAt", _("When a member of staff entered it.")),
    _term("confirmedAt", _("When a second member of staff confirmed it.")),
    _term("termsSha256", _("SHA-256 of what the operator declared about the purpose that day.")),
    _term("signature", _("A detached JWS (RFC 7515) with EdDSA over the canonical form (RFC 8785) of all the rest.")),
)


def as_json_ld(site: str) -> dict[str, Any]:
    return {
        "@context": {
            **DPV_CONTEXT,
            "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
            "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
            "ru": f"{site}{NAMESPACE}#",
        },
        "@graph": [
            {"@id": f"ru:{term.name}", "@type": term.kind, "rdfs:comment": str(term.meaning)}
            for term in (*TERMS, *MEMBERS)
        ],
    }

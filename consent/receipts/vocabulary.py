"""Our codes in the words of the Data Privacy Vocabulary (W3C DPV 2.3), and in words of our own where it has none."""

from collections.abc import Mapping
from typing import Final

DPV_CONTEXT: Final = {
    "dpv": "https://w3id.org/dpv#",
    "pd": "https://w3id.org/dpv/pd#",
    "loc": "https://w3id.org/dpv/loc#",
    "dct": "http://purl.org/dc/terms/",
    "schema": "https://schema.org/",
}
RECEIPT_PROFILE: Final = "https://w3id.org/dpv/schema/dpv-27560#receipt"
RECORD_PROFILE: Final = "https://w3id.org/dpv/schema/dpv-27560#record"

#: The 13 operations of 152-FZ, article 3, item 3.
OPERATIONS: Final[Mapping[str, str]] = {
    "collect": "dpv:Collect",
    "record": "dpv:Record",
    "systematise": "dpv:Organise",
    "accumulate": "ru:accumulate",
    "store": "dpv:Store",
    "clarify": "dpv:Alter",
    "extract": "dpv:Retrieve",
    "use": "dpv:Use",
    "transfer": "dpv:Transfer",
    "depersonalise": "dpv:Pseudonymise",
    "block": "dpv:Restrict",
    "delete": "dpv:Erase",
    "destroy": "dpv:Destruct",
}
CATEGORIES: Final[Mapping[str, str]] = {
    "email": "pd:EmailAddress",
    "name": "pd:Name",
    "phone": "pd:TelephoneNumber",
    "request": "pd:Communication",
    "correspondence": "pd:Communication",
}
PROTECTION_CLASSES: Final[Mapping[str, str]] = {
    "special": "dpv:SpecialCategoryPersonalData",
    "biometric": "pd:Biometric",
}
RECIPIENTS: Final[Mapping[str, str]] = {
    "processor": "dpv:DataProcessor",
    "authority": "dpv:Authority",
    "independent": "dpv:ThirdParty",
}
RIGHTS: Final = ("ru:art14-information", "ru:art9-withdrawal", "ru:art20-correction")

#: By kind of entry and channel of the ledger.
METHODS: Final[Mapping[tuple[str, str], str]] = {
    ("given", "portal"): "button",
    ("given", "mail_link"): "button+email-link",
    ("given", "paper"): "paper+second-person",
    ("given", "telephone"): "telephone+second-person",
    ("withdrawn", "portal"): "button",
    ("withdrawn", "mail_link"): "email-link",
    ("withdrawn", "paper"): "paper",
    ("withdrawn", "telephone"): "telephone",
}
SPEAKERS: Final[Mapping[str, str]] = {"guardian": "ru:Guardian", "representative": "ru:Representative"}


def category_type(code: str, protection_class: str) -> str:
    return PROTECTION_CLASSES.get(protection_class) or CATEGORIES.get(code, "dpv:PersonalData")


def method_of(kind: str, channel: str) -> str:
    return METHODS.get((kind, channel), channel.replace("_", "-"))

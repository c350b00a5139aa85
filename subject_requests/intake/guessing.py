"""What a letter seems to ask for, by its words, Russian and English. A proposal and no more: staff decide."""

import re
from typing import Final

from subject_requests.kinds import RequestKind, in_order

LONGEST_READ: Final = 20_000

_DATA: Final = (
    r"(?:персональн\w*|личн\w*|мо\w+|сво\w+|все|данны\w*|сведен\w*|информаци\w*|аккаунт\w*|уч[её]тн\w*|профил\w*)"
)
_VALUE: Final = r"(?:данны\w*|сведени\w*|фамили\w*|имя|имени|адрес\w*|отчеств\w*|почт\w*|ошибк\w*)"
_WHICH: Final = r"(?:какие|какая|какой|что|перечень|сведени\w+|копи[юяи])"
_MY_DATA: Final = r"(?:personal|my|all|data|information|account|profile)"

_WORDS: Final[dict[RequestKind, tuple[str, ...]]] = {
    RequestKind.DESTRUCTION: (
        rf"(?:удал|уничтож|сотр|стер|стир)\w*\W+(?:\w+\W+){{0,4}}{_DATA}",
        rf"(?:об|на)\s+(?:удалени|уничтожени)\w+\W+(?:\w+\W+){{0,3}}{_DATA}",
        r"прав\w+ на забвение",
        rf"\b(?:delete|erase|remove|destroy|wipe)\W+(?:\w+\W+){{0,4}}{_MY_DATA}\b",
        r"\bright to (?:be forgotten|erasure)\b|\b(?:erasure|deletion) (?:request|of)\b",
    ),
    RequestKind.ACCESS: (
        rf"{_WHICH}\W+(?:\w+\W+){{0,5}}{_DATA}\W*(?:\w+\W+){{0,5}}(?:хран|обраба|облада|собра|есть|име)\w*",
        r"(?:предостав|сообщ|выда|направ|приш)\w*\W+(?:\w+\W+){0,4}(?:копи\w+|сведени\w+|перечень|информаци\w+|данны\w+)",
        r"стать\w+\s+14\b|ст\.?\s*14\b",
        r"\bwhat (?:\w+\W+){0,3}(?:data|information)\b|\bcopy of (?:\w+\W+){0,2}(?:data|information)\b",
        r"\b(?:subject )?access request\b|\bdsar\b|\bsar\b|\baccess to my (?:personal )?data\b",
    ),
    RequestKind.WITHDRAWAL: (
        r"(?:отзыва|отозва|отзыв|отзов)\w*\W+(?:\w+\W+){0,5}соглас\w+",
        r"\bwithdraw\w*\W+(?:\w+\W+){0,4}consent\w*|\brevoke\w*\W+(?:\w+\W+){0,3}consent\w*",
    ),
    RequestKind.STOP_ADS: (
        r"(?:реклам|рассыл|спам|маркетинг)\w*",
        r"\b(?:unsubscribe|advertis\w+|\bads\b|marketing|newsletters?|mailings?|spam)\b",
    ),
    RequestKind.STOP_PROCESSING: (
        r"(?:прекрат|останов|перестан)\w*\W+(?:\w+\W+){0,3}(?:обработ|обрабат|использ)\w*",
        r"прекращени\w+\W+(?:\w+\W+){0,2}обработ\w*",
        r"\b(?:stop|cease)\W+(?:\w+\W+){0,2}process\w*",
    ),
    RequestKind.CLARIFICATION: (
        rf"(?:исправ|уточн|измен|обнов|помен|актуализир)\w*\W+(?:\w+\W+){{0,4}}{_VALUE}",
        r"\b(?:correct|rectify|update|change|fix)\W+(?:\w+\W+){0,4}(?:data|name|surname|address|e-?mail|information)\b",
    ),
    RequestKind.UNBLOCKING: (r"(?:разблокир|снять блокиров|снимите блокиров)\w*", r"\bunblock\w*|\blift the block\b"),
    RequestKind.BLOCKING: (
        r"(?<!раз)(?:за)?блокир\w*\W+(?:\w+\W+){0,4}(?:данны\w*|обработ\w*|сведени\w*)",
        r"\b(?:block|restrict)\w*\W+(?:\w+\W+){0,3}(?:data|processing)\b",
    ),
    RequestKind.AUTO_DECISION: (
        r"автоматизированн\w+\W+(?:\w+\W+){0,3}(?:решени\w*|обработ\w*)",
        r"\bautomated (?:\w+\W+){0,2}decision\w*",
    ),
    RequestKind.UNNEEDED: (
        r"(?:незаконно|неправомерно|без (?:моего )?согласия)\W+(?:\w+\W+){0,3}(?:получ|собра|добы)\w*",
        rf"{_DATA}\W+(?:\w+\W+){{0,3}}не (?:нужн|требу|являются необходим)\w*",
        r"\b(?:unlawfully|illegally) (?:obtained|collected)\b",
        r"\bdata (?:\w+ ){0,3}(?:not|no longer) (?:needed|necessary)\b",
    ),
    RequestKind.STOP_DISSEMINATION: (
        r"(?:прекрат|останов|перестан)\w*\W+(?:\w+\W+){0,4}(?:распростран|публик|опубликов|размещ)\w*",
        r"(?:убер|удал|сним)\w*\W+(?:\w+\W+){0,4}(?:с сайта|из открытого доступа|из публичного доступа|публикаци\w*)",
        r"\b(?:stop|cease)\W+(?:\w+\W+){0,3}(?:disseminat|publish)\w*",
        r"\b(?:remove|take)\W+(?:\w+\W+){0,4}(?:from (?:the|your) (?:web)?site|down)\b",
    ),
    RequestKind.COMPLAINT: (
        r"\bжал(?:об|у)\w*|роскомнадзор\w*|прокуратур\w*|неправомерн\w*|незаконн\w*|претензи\w*",
        r"\bcomplain\w*|\bunlawful\w*|\billegal\w*",
    ),
}
_PATTERNS: Final = {kind: re.compile("|".join(words), re.IGNORECASE) for kind, words in _WORDS.items()}
_QUOTED: Final = re.compile(
    r"^\s*(?:>|On .{5,120} wrote:|-{3,}\s*(?:Original Message|Исходное сообщение)"
    r"|\d\d?\.\d\d?\.\d{4}.{0,80}(?:пишет|написал))"
)


def guess(subject: str, text: str) -> list[RequestKind]:
    """In the order of the kinds; nothing when no words are known."""
    said = f"{subject}\n{own_words(text)}"[:LONGEST_READ]
    return in_order(kind for kind, pattern in _PATTERNS.items() if pattern.search(said))


def own_words(text: str) -> str:
    """Without what the mail quotes of others."""
    return "\n".join(line for line in text.splitlines() if not _QUOTED.match(line))


def language_of(text: str) -> str:
    """Of the two that the portal speaks. Who writes in neither is answered in the operator's own."""
    russian = sum("а" <= sign <= "я" or sign == "ё" for sign in text.lower())
    latin = sum("a" <= sign <= "z" for sign in text.lower())
    return "en" if latin > 2 * russian else "ru"

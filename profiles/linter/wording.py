"""Rules on single sentences: patterns in both languages, and what makes a sentence harmless."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from profiles.linter.rules import Finding
from profiles.linter.source import Sentence, Source
from profiles.wording import CYRILLIC, LATIN, PLACEHOLDER, WORD

LONGEST_QUOTE: Final = 80
NEVER: Final = re.compile(r"(?!)")


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Wording:
    """`unless` is looked for in the same sentence."""

    code: str
    found: re.Pattern[str]
    unless: re.Pattern[str] = NEVER


_NOT_SO: Final = _any(
    r"\b(?:does|do|is|are|shall|will) not\b", r"\bno(?:r|t)? (?:constitute|mean)", r"\bseparate(?:ly)?\b",
    r"\bне (?:является|означает|считается|признаётся|признается|подтверждает)\b", r"\bотдельн\w+",
    r"\bтолько (?:с|после|при)\b",
    r"\bonly (?:with|after|upon)\b",
)  # fmt: skip
_USE_EN: Final = r"\b(?:use|usage|using|start of using|registration|registering|visiting|browsing|access(?:ing)?)\b"
_USE_RU: Final = r"\b(?:использовани\w+|пользовани\w+|регистраци\w+|посещени\w+|заполнени\w+)\b"
_DOCUMENT_RU: Final = r"(?:политик|соглашени|оферт|правил|услови|положени)\w*"

WORDINGS: Final = (
    Wording(
        code="use_is_consent",
        found=_any(
            rf"{_USE_EN}.{{0,160}}?\b(?:means?|constitutes?|confirms?|implies|signifies|is deemed)\b"
            r".{0,120}?\b(?:consent|agree|accept)\w*",
            r"\b(?:by|when|while) (?:using|continuing|registering|visiting|browsing|accessing)\b.{0,160}?"
            r"\b(?:agrees?|consents?|accepts?|(?:gives?|expresses) (?:\w+ )?consent)\b",
            rf"{_USE_RU}.{{0,160}}?\b(?:означа\w+|явля\w+|подтвержда\w+|свидетельств\w+|призна\w+|счита\w+)\b"
            rf".{{0,120}}?\b(?:согласи\w+|акцепт\w*|принят\w+ (?:\w+ )?{_DOCUMENT_RU})",
            r"\b(?:пользуясь|используя|регистрируясь|продолжая|посещая|заходя)\b.{0,160}?"
            r"\b(?:соглаша\w+|(?:да[её]т\w*|выража\w+) (?:\w+ ){0,3}согласие|"
            rf"принима\w+ (?:\w+ ){{0,4}}{_DOCUMENT_RU})",
        ),
        unless=_NOT_SO,
    ),
    Wording(
        code="bundled_consent",
        found=_any(
            r"\bconsents?\b (?:to|for)\b.{0,240}?\b(?:as well as|and also|together with)\b(?: to| for)?\b",
            r"\bconsents? to (?:this|the|these) (?:policy|agreement|terms|offer)\b.{0,80}\band\b",
            r"\bby accepting\b.{0,80}\b(?:policy|agreement|terms|offer)\b.{0,120}\bconsent",
            r"\bagree\w*\b.{0,160}?\bcookies\b.{0,160}?\bas well as to (?:transfer|pass)",
            r"\bсогласи\w+ на\b.{0,240}?(?:а также|равно как и?|и одновременно) (?:на|с)\b",
            r"\bсогласи\w+ на обработку\b.{0,160}?\bи (?:на )?"
            r"(?:получени\w+|рассылк\w+|передачу (?:\w+ ){0,3}треть\w+)",
            rf"\bсогласи\w+ с (?:\w+ ){{0,3}}{_DOCUMENT_RU},? (?:и|а также)\b",
            rf"\b(?:принимая|акцептуя|подписывая|заключая)\b.{{0,80}}{_DOCUMENT_RU}.{{0,120}}согласи(?:е|я) на\b",
        ),
    ),
    Wording(
        code="silent_change",
        found=_any(
            r"\bchange\w*\b.{0,80}\bwithout (?:any )?(?:\w+ )?notice",
            r"\b(?:измен\w+|внос\w+|внести)\b.{0,120}\bбез (?:[\w-]+ ){0,3}(?:уведомлени|извещени)",
        ),
    ),
    Wording(
        code="part_of_agreement",
        found=_any(
            r"\b(?:policy|consent)\b.{0,60}\b(?:integral|inseparable) part of\b",
            r"\b(?:политика|согласие)\b.{0,60}\b(?:неотъемлем\w+|составн\w+) част\w+ "
            r"(?:\w+ ){0,3}(?:соглашени|договор|оферт)",
        ),
        unless=re.compile(r"\bне является\b|\bis not\b", re.IGNORECASE),
    ),
    Wording(
        code="wrong_ground",
        found=_any(
            r"\bgrounds\b.{0,80}(?:\bare\b|:).{0,60}\b(?:constitution|charter|constituent)",
            r"\bоснован\w+\b.{0,80}(?:являются|служат|:).{0,60}(?:конституц|устав|учредительн)",
        ),
    ),
    Wording(
        code="accuracy",
        found=_any(r"\bdo(?:es)? not (?:verify|check) the accuracy\b", r"\bне проверя\w+ (?:\w+ ){0,3}достоверност"),
    ),
    Wording(code="open_list", found=_any(r"\bnot (?:be )?limited to\b", r"\bне ограничива\w+")),
    Wording(
        code="foreign_counter",
        found=_any(r"\bgoogle analytics\b", r"\bfacebook\b", r"\bmeta pixel\b", r"\bhotjar\b", r"\bgoogle ads\b"),
        unless=_any(
            r"\bconsent\b.{0,200}\bRussia", r"согласи\w+.{0,200}\bРосси", r"\b(?:do|does) not use\b", r"не использу"
        ),
    ),
    Wording(
        code="marketing_statistics",
        found=_any(
            r"\bmarketing\b.{0,80}\b(?:statistic|anonymi[sz]ed)", r"маркетинг\w*.{0,80}(?:статистич|обезличен)",
            r"(?:статистич|обезличен)\w*.{0,80}(?:маркетинг|продвижени)",
        ),
        unless=_any(r"\bне относится\b", r"\bdoes not (?:apply|cover)\b", r"\bnot (?:for|to) "),
    ),
)  # fmt: skip

#: A place where a name or an address should stand, and nothing does: "available at:, as well as".
NOTHING_THERE: Final = re.compile(
    r":\s*[,;]|:\s*\.(?!\.)|\b(?:available|located|posted|company|website)?,? ?\bat\s*,\s*(?:unless|or|as|and)\b"
    r"|\bпо адресу\s*:?\s*(?:[;.)]|,(?!\s*(?:указанн|котор|где|по котор|на котор|с котор)))",
    re.IGNORECASE,
)
LOOKED: Final = re.compile(r"\b(?:look|aim|arriv|point|direct|laugh|guess)\w*\s+at\s*,", re.IGNORECASE)
#: Latin letters that look like Russian words of one letter.
LOOKALIKE: Final = re.compile(
    r"(?<=[\u0400-\u052f] )[aocyk](?= [\u0400-\u052f])|(?<=[\u0400-\u052f], )[aocyk](?= [\u0400-\u052f])"
)


def findings_of_wording(source: Source) -> Iterator[Finding]:
    for sentence in source.sentences:
        yield from _blanks(sentence)
        yield from _scripts(sentence, source)
        for wording in WORDINGS:
            match = wording.found.search(sentence.text)
            if match and not wording.unless.search(sentence.text):
                yield Finding(line=sentence.line, code=wording.code, quote=quoted(match.group()))


def quoted(words: str) -> str:
    return words if len(words) <= LONGEST_QUOTE else words[: LONGEST_QUOTE - 1].rstrip() + "…"


def _blanks(sentence: Sentence) -> Iterator[Finding]:
    text = sentence.text
    match = PLACEHOLDER.search(text) or NOTHING_THERE.search(text)
    if match and not LOOKED.search(text):
        yield Finding(line=sentence.line, code="blank", quote=_around(text, match))


def _scripts(sentence: Sentence, source: Source) -> Iterator[Finding]:
    for word in WORD.findall(sentence.text):
        if LATIN.search(word) and CYRILLIC.search(word):
            yield Finding(line=sentence.line, code="mixed_script", quote=word)
        elif CYRILLIC.search(word) and not source.is_mostly_cyrillic:
            yield Finding(line=sentence.line, code="stray_word", quote=word)
    for match in LOOKALIKE.finditer(sentence.text):
        yield Finding(line=sentence.line, code="mixed_script", quote=_around(sentence.text, match))


def _around(text: str, match: re.Match[str]) -> str:
    """The words in which it stands, whole."""
    start = text.rfind(" ", 0, max(0, match.start() - 25)) + 1
    end = text.find(" ", match.end() + 5)
    return text[start : end if end > 0 else None]

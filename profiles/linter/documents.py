"""Rules on a whole text: its numbers, its language, and what a policy has to say somewhere."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from profiles.linter.rules import Finding
from profiles.linter.source import Block, Source
from profiles.linter.wording import quoted
from profiles.registry_numbers import valid_inn, valid_ogrn

NUMBER: Final = re.compile(r"^(?:#{1,2}\s+)?(\d{1,2}(?:\.\d{1,2})*)\.\s")
INN: Final = re.compile(r"\b(?:ИНН|TIN|INN)\b\D{0,5}(\d{12}|\d{10})\b")
OGRN: Final = re.compile(r"\b(?:ОГРН|ОГРНИП|PSRN|OGRN)\b\D{0,5}(\d{15}|\d{13})\b")
POSTCODE: Final = re.compile(r"(?<![\d-])\d{6}(?![\d-])")
CONTACT: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?:\+7|\b8)[\s(-]*\d{3}[\s)-]*\d{3}")
OPERATIONS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\bcollect(?:ion|ing)|\bсбор\b", r"\brecording|\bзапис[ьи]", r"\bsystemati[sz]|систематизаци",
        r"\baccumulat|накоплени",
        r"\bstor(?:age|ing)|хранени", r"\bclarif|уточнени", r"\b(?:retriev|extract)|извлечени", r"\buse\b|использовани",
        r"\btransfer|передач", r"\b(?:anonymi|depersonal)|обезличива", r"\bblocking|блокировани", r"\bdeleti|удалени",
        r"\bdestruct|уничтожени",
    )
)  # fmt: skip
A_LIST_OF_OPERATIONS: Final = 6
OF_CLIENTS: Final = re.compile(
    r"(?:with respect to|of|с|в отношении)\b[^:—–]{0,60}(?:client|клиент)\w*[^:—–]{0,40}[:—–]", re.IGNORECASE
)
PUBLISHED_REGISTER: Final = re.compile(
    r"перечн\w+ обработки|реестр\w* обработки|(?:register|record)s? of processing", re.IGNORECASE
)
THIRD_PARTIES: Final = re.compile(r"third[- ]part|треть\w+ лиц", re.IGNORECASE)
STORAGE_OF_OTHERS: Final = re.compile(r"third[- ]party storage|хранилищ\w* (?:третьих|других) лиц", re.IGNORECASE)
LEGAL_ENTITY: Final = re.compile(
    r"[«“\"]?(\w+)[»”\"]? (?:\w+ )?(?:LLC|JSC|Ltd)\b|\b(?:ООО|АО|ПАО|НКО) [«“\"]([^»”\"]+)[»”\"]"
)


@dataclass(frozen=True, kw_only=True)
class Duty:
    """What the text has to say at least once."""

    code: str
    said: re.Pattern[str]


def _said(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_DAYS_RU: Final = r"(?:\d+ (?:\(\w+\) )?(?:календарн\w+ |рабоч\w+ )?(?:дн|месяц|лет|год))"
#: A page of the portal says these beside the policy, by the profile; a text alone has to say them itself.
DUTIES: Final = (
    Duty(
        code="no_term",
        said=_said(
            r"(?:storage|stored?|kept|retain\w*|delet\w+|destr\w+)\b[^.]{0,160}"
            r"(?:\d+ (?:calendar |working )?(?:day|month|year)|until)",
            rf"(?:хран|удал|уничтож)\w*[^.]{{0,160}}(?:{_DAYS_RU}|\bдо (?:удален|отзыв|достиж))",
            rf"{_DAYS_RU}[^.]{{0,80}}(?:хран|удал|уничтож)",
        ),
    ),
    Duty(
        code="no_basis",
        said=_said(
            r"legal (?:grounds?|bas[ei]s)",
            r"правов\w+ основани",
            r"законн\w+ основани\w+ (?:обработки|явля)",
            r"на основании (?:\w+ ){0,2}(?:договор|согласи|закон)",
            r"\barticle 6\b",
            r"стать\w+ 6\b",
        ),
    ),
    Duty(
        code="no_categories",
        said=_said(
            r"(?:following|such as|include|namely|:)[^.]{0,160}\b(?:names?|e-?mail|phone|address)",
            r"(?:следующ|перечень|состав|а именно|категори|:)[^.]{0,160}\b(?:фамили|имя|имени|почт|телефон|адрес)",
            r"(?:адрес электронной почты|e-?mail address)",
        ),
    ),
    Duty(
        code="effective_date",
        said=_said(
            r"effective (?:date|from|as of)", r"действует с\b", r"дата вступления", r"вступает в силу (?:с )?\d"
        ),
    ),
    Duty(code="responsible", said=_said(r"responsible for (?:the )?organi[sz]", r"ответственн\w+ за организацию")),
    Duty(code="methods", said=_said(r"\bautomat(?:ed|ion)\b(?! transmit)", r"автоматизир", r"средств автоматизации")),
    Duty(code="answer_term", said=_said(r"\d+ (?:\(\w+\) )?(?:working|business) days", r"\d+ (?:\(\w+\) )?рабочих дн")),
    Duty(code="register_number", said=_said(r"register of operators", r"реестр\w* операторов")),
)
RIGHTS: Final = (
    _said(r"\bblock", r"блокиров"),
    _said(r"\bwithdraw", r"отозва|отзыв"),
    _said(r"\bdestr|\bdelet", r"уничтож|удал"),
    _said(r"receive (?:from the company )?information|access", r"получать сведения|доступ"),
)


def findings_of_numbers(source: Source) -> Iterator[Finding]:
    """Clauses are counted without gaps: behind 3.2 comes 3.2.1, 3.3 or 4."""
    before: tuple[int, ...] = (0,)
    for line, text in enumerate(source.text.splitlines(), start=1):
        match = NUMBER.match(text.strip())
        if match:
            number = tuple(int(part) for part in match[1].split("."))
            if number not in _successors(before):
                yield Finding(line=line, code="numbering", quote=f"{_dotted(before)} → {match[1]}")
            before = number


def _successors(number: tuple[int, ...]) -> set[tuple[int, ...]]:
    return {(*number, 1), *((*number[:depth], number[depth] + 1) for depth in range(len(number)))}


def _dotted(number: tuple[int, ...]) -> str:
    return "…" if number == (0,) else ".".join(str(part) for part in number)


def findings_of_language(source: Source) -> Iterator[Finding]:
    if source.is_master and source.text.strip() and not source.is_mostly_cyrillic:
        yield Finding(line=1, code="not_russian")


def findings_of_duties(source: Source) -> Iterator[Finding]:
    """For a policy that stands alone, without a profile beside it."""
    yield from _card(source)
    for duty in DUTIES:
        if not duty.said.search(_flat(source)):
            yield Finding(line=1, code=duty.code)
    yield from _operations(source)
    yield from _recipients(source)
    if not all(right.search(_flat(source)) for right in RIGHTS):
        yield Finding(line=1, code="rights")


def _flat(source: Source) -> str:
    return " ".join(block.text for block in source.blocks)


def _card(source: Source) -> Iterator[Finding]:
    inn, ogrn = INN.search(source.text), OGRN.search(source.text)
    missing = {
        "INN": inn is None or not _holds(valid_inn, inn[1]),
        "OGRN": ogrn is None or not _holds(valid_ogrn, ogrn[1]),
        "address": not POSTCODE.search(source.text),
        "contact": not CONTACT.search(source.text),
    }
    if absent := [what for what, is_missing in missing.items() if is_missing]:
        yield Finding(line=1, code="operator_card", quote=", ".join(absent))


def _holds(check: object, value: str) -> bool:
    try:
        check(value)  # type: ignore[operator]
    except ValueError:
        return False
    return True


def _operations(source: Source) -> Iterator[Finding]:
    """Where the only list is of what is done with clients' data, nothing is said of the others."""
    lists = [block for block in source.blocks if _is_list_of_operations(block)]
    if PUBLISHED_REGISTER.search(_flat(source)) or any(not OF_CLIENTS.search(block.text) for block in lists):
        return
    if lists:
        yield Finding(line=lists[0].first_line, code="operations", quote=quoted(lists[0].text))
    else:
        yield Finding(line=1, code="operations")


def _is_list_of_operations(block: Block) -> bool:
    """A definition names operations too; a list has one behind the other."""
    return max((_count(sentence.text) for sentence in block.sentences), default=0) >= A_LIST_OF_OPERATIONS


def _count(text: str) -> int:
    return sum(bool(operation.search(text)) for operation in OPERATIONS)


def _recipients(source: Source) -> Iterator[Finding]:
    named = {match[1] or match[2] for match in LEGAL_ENTITY.finditer(_flat(source))}
    if len(named) < 2 and THIRD_PARTIES.search(_flat(source)):
        yield Finding(line=source.line_of(THIRD_PARTIES), code="recipients")
    elif STORAGE_OF_OTHERS.search(_flat(source)):
        yield Finding(line=source.line_of(STORAGE_OF_OTHERS), code="recipients", quote="storage")

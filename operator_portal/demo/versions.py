"""Versions of texts in the demo: one that widened what is done, one that is to come, one that waits for a second
person, one with findings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from consent import drafting
from consent.drafts import POLICY, Draft
from consent.in_force import day_of
from processing_log.actors import Actor
from profiles import current
from profiles.loader import running_by

Words = tuple[tuple[str, str], tuple[str, str]]
#: (Russian, English) words and what stands in their place; all harmless: nobody is asked anew.
NEWS: Final = (
    (
        "им рекомендуется регулярно знакомиться",
        "об этом же сообщает лента новостей на странице редакций; рекомендуется регулярно знакомиться",
    ),
    (
        "they are advised to read the current version regularly",
        "the news feed on the page of versions says so too; Users are advised to read the current version regularly",
    ),
)
ANSWERS: Final = (
    ("почте: support@loyalclub.ru.", "почте: support@loyalclub.ru. Ответ приходит туда, откуда пришёл вопрос."),
    (
        "by e-mail: support@loyalclub.ru.",
        "by e-mail: support@loyalclub.ru. The answer comes to where the question was.",
    ),
)
FREELY: Final = (("по моей воле", "по своей воле"), ("of my own will", "of my own free will"))
#: the line by which people are addressed by name, as it stands in the list of data
NAMES: Final = (
    "- фамилия, имя, отчество, если они указаны в профиле, — чтобы обратиться ко мне по имени;\n",
    "- the last name, first name and patronymic, if they are in my profile, to address me by name;\n",
)
NAMES_AGAIN: Final = (
    "- фамилия, имя, отчество, если они указаны в профиле, — чтобы приглашать меня по имени;\n",
    "- the last name, first name and patronymic, if they are in my profile, to invite me by name;\n",
)
NEXT: Final = ("- отправленные мне приглашения.", "- the invitations sent to me.")
DEFECTS: Final = (
    (
        "по моей воле",
        "по моей воле. Ответ: ____. Пользуясь Cервисом, я соглашаюсь. Даю согласие на это, а также на рекламу",
    ),
    ("of my own will", "of my own will"),
)


@dataclass(frozen=True, kw_only=True)
class Hands:
    """Who writes, and who publishes."""

    author: Actor
    second: Actor


def play_widening(hands: Hands, *, narrow_at: datetime, wide_at: datetime, between: Callable[[], None]) -> None:
    """Invitations to surveys once went without a name. Whoever agreed to that in between is asked anew."""
    (without_ru, without_en), (name_ru, name_en), (next_ru, next_en) = NAMES, NAMES_AGAIN, NEXT
    profile = current()
    surveys = profile.purpose("surveys")
    nameless = surveys.model_copy(update={"categories": frozenset(surveys.categories) - {"name"}})
    narrow = profile.model_copy(update={"purposes": {**profile.purposes, "surveys": nameless}})
    with running_by(narrow):
        _publish(hands, "surveys", ((without_ru, ""), (without_en, "")), at=narrow_at)
        between()
    _publish(hands, "surveys", ((next_ru, name_ru + next_ru), (next_en, name_en + next_en)), at=wide_at)


def play(hands: Hands, now: datetime) -> None:
    for document, words in ((POLICY, NEWS), ("site_improvement", FREELY)):
        _publish(hands, document, words, at=now, ahead=10)
    waiting = _write(hands, POLICY, ANSWERS, at=now, ahead=30)
    drafting.submit_draft(draft_id=waiting.pk, actor=hands.author, at=now)
    _write(hands, "surveys", DEFECTS, at=now, ahead=30)


def _publish(hands: Hands, document: str, words: Words, *, at: datetime, ahead: int = 0) -> None:
    draft = _write(hands, document, words, at=at, ahead=ahead)
    drafting.submit_draft(draft_id=draft.pk, actor=hands.author, at=at)
    drafting.publish_draft(draft_id=draft.pk, seen=draft.fingerprint, actor=hands.second, at=at)


def _write(hands: Hands, document: str, words: Words, *, at: datetime, ahead: int) -> Draft:
    day = day_of(at + timedelta(days=ahead))
    draft = drafting.begin_draft(document=document, effective_on=day, actor=hands.author, at=at)
    (old_ru, new_ru), (old_en, new_en) = words
    assert old_ru in draft.text_ru, document
    assert old_en in draft.text_en, document
    return drafting.change_draft(
        draft_id=draft.pk,
        text_ru=draft.text_ru.replace(old_ru, new_ru),
        text_en=draft.text_en.replace(old_en, new_en),
        effective_on=day,
        actor=hands.author,
        at=at,
    )

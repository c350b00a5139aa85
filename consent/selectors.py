"""What the pages on policy and consents show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from consent import reach
from consent.in_force import day_of, policy_on
from consent.models import Acknowledgement, ConsentTextVersion, LedgerEntry, PolicyVersion
from law import clock
from profiles import current
from profiles.documents import ConsentDocument, PolicyText
from profiles.schema import Purpose


@dataclass(frozen=True, kw_only=True)
class ShownPolicy:
    """A version of the policy as one reader sees it. `sha256` is of exactly this text. `is_newest`: it is in force."""

    row: PolicyVersion
    text: PolicyText
    language: str
    sha256: str
    is_newest: bool
    is_coming: bool


@dataclass(frozen=True, kw_only=True)
class ShownConsent:
    """A text of a consent as one reader sees it. `sha256` is of exactly this text. The purpose may be gone by now."""

    row: ConsentTextVersion
    purpose: Purpose | None
    text: ConsentDocument
    title: str
    description: str
    language: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class ConsentOfPerson:
    """One optional purpose, and how one person stands to it. Not offered: the operator has dropped the purpose, or it
    rests on something else by now; what was said about it stays to be seen, and to be withdrawn."""

    shown: ShownConsent
    history: Sequence[LedgerEntry]
    is_on_hold: bool = False
    is_offered: bool = True

    @property
    def in_force(self) -> LedgerEntry | None:
        return self.history[-1] if self.history and self.history[-1].is_given else None

    @property
    def may_be_given(self) -> bool:
        """Nothing is in force, or what is has to be renewed."""
        return self.is_offered and (self.is_on_hold or not self.in_force)

    @property
    def withdrawn(self) -> LedgerEntry | None:
        return self.history[-1] if self.history and not self.history[-1].is_given else None


def language_of(language: str | None) -> str:
    """Texts are published in two languages; whoever reads in a third one gets the Russian master."""
    return "en" if (language or "").startswith("en") else "ru"


def newest_policy(at: datetime | None = None) -> PolicyVersion | None:
    """The version in force; before the first one is, that one."""
    return policy_on(day_of(at or clock.now())) or PolicyVersion.objects.order_by("number").first()


def show_policy(row: PolicyVersion, language: str, *, is_newest: bool) -> ShownPolicy:
    text = row.document.in_language(language)
    sha256 = row.sha256_en if language == "en" else row.sha256
    is_coming = row.effective_on > day_of(clock.now())
    return ShownPolicy(row=row, text=text, language=language, sha256=sha256, is_newest=is_newest, is_coming=is_coming)


def published_by_hash(sha256: str) -> PolicyVersion | ConsentTextVersion | None:
    """Whatever was published with this hash, in either language, for ever."""
    has_hash = Q(sha256=sha256) | Q(sha256_en=sha256)
    policy = PolicyVersion.objects.filter(has_hash).order_by("number").first()
    return policy or ConsentTextVersion.objects.filter(has_hash).order_by("published_at", "pk").first()


def newest_texts() -> QuerySet[ConsentTextVersion]:
    """The text in use for each purpose that the profile bases on consent today."""
    codes = [code for code, purpose in current().purposes.items() if purpose.needs_consent]
    in_use = ConsentTextVersion.objects.filter(effective_on__lte=day_of(clock.now()))
    newest = in_use.filter(purpose=OuterRef("purpose")).order_by("-version").values("version")[:1]
    return ConsentTextVersion.objects.filter(purpose__in=codes, version=Subquery(newest))


def show_consent(row: ConsentTextVersion, language: str) -> ShownConsent:
    purpose = current().purposes.get(row.purpose)
    text = row.document.in_language(language)
    return ShownConsent(
        row=row,
        purpose=purpose,
        text=text,
        title=purpose.title.in_language(language) if purpose else text.title,
        description=purpose.description.in_language(language) if purpose else "",
        language=language,
        sha256=row.hash_in(language),
    )


def offered_consents(language: str) -> list[ShownConsent]:
    """The consents that anybody may give or refuse, in the order of the profile."""
    order = list(current().purposes)
    return sorted((show_consent(row, language) for row in newest_texts()), key=lambda s: order.index(s.row.purpose))


def consents_of(subject_id: UUID, language: str) -> list[ConsentOfPerson]:
    """Every optional purpose, whether the person ever said anything about it or not; behind them those that are not
    offered any more and that the person has said something about."""
    history: dict[str, list[LedgerEntry]] = {}
    for entry in LedgerEntry.objects.filter(subject_id=subject_id).select_related("text").order_by("turn"):
        history.setdefault(entry.purpose, []).append(entry)
    held = set(reach.on_hold().filter(subject_id=subject_id).values_list("purpose", flat=True))
    offered = [
        ConsentOfPerson(
            shown=shown,
            history=tuple(history.pop(shown.row.purpose, ())),
            is_on_hold=shown.row.purpose in held,
        )
        for shown in offered_consents(language)
    ]
    return offered + [
        ConsentOfPerson(shown=show_consent(entries[-1].text, language), history=tuple(entries), is_offered=False)
        for entries in history.values()
    ]


def acknowledgements_of(subject_id: UUID) -> QuerySet[Acknowledgement]:
    return Acknowledgement.objects.filter(subject_id=subject_id).select_related("policy").order_by("-at")


def has_acknowledged(subject_id: UUID, policy: PolicyVersion) -> bool:
    return Acknowledgement.objects.filter(subject_id=subject_id, policy=policy).exists()


def purposes_in_force(subject_id: UUID) -> list[str]:
    """To which the person has agreed and not withdrawn, on hold or not."""
    return list(LedgerEntry.objects.in_force().filter(subject_id=subject_id).values_list("purpose", flat=True))

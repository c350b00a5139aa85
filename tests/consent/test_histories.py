"""For any order of show, press, answer, withdraw, new version, version that covers less than is done, wait, block,
unblock, destroy: the ledger rebuilds to the state of the moment, and the choke point agrees with it.
HISTORIES=100 tries a hundred of them instead of a thousand."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent import mailbox, reach, rebuilding, tokens
from consent.models import Awaited, LedgerEntry
from consent.services import (
    AlreadyInForce,
    MayNotConsent,
    NotInForce,
    NotShown,
    NotTheTextShown,
    give_consent,
    withdraw_consent,
)
from personal_data import subject_state
from personal_data.models import Subject
from personal_data.permission import refusal_of_subject
from processing_log.actors import Actor
from profiles import current
from tests.factories.consent import GIVEN_AT, publish, publish_next, show, text_of
from tests.factories.personal_data import make_subject, person

HISTORIES: Final = int(os.environ.get("HISTORIES", "1000"))
IN_ONE_EXAMPLE: Final = 50
MENDED: Final = 10  # of each example: made wrong, and made right again
PURPOSES: Final = ("surveys", "ads")
REFUSALS: Final = (
    AlreadyInForce,
    MayNotConsent,
    NotInForce,
    NotShown,
    NotTheTextShown,
    mailbox.AlreadyAwaited,
    mailbox.NotAwaited,
    mailbox.TooOften,
)
JOB: Final = Actor.system("histories")


@dataclass(kw_only=True)
class Page:
    nonce: str
    at: datetime
    version: int
    was_used: bool = False


@dataclass(kw_only=True)
class Mail:
    code: str
    at: datetime
    page: Page


@dataclass
class Life:
    """One person, and what the ledger should say about them: a model in a few sets, without the database."""

    versions: dict[str, int]
    #: Versions of texts that say less than is done: a consent to one of them is on hold.
    narrow: set[tuple[str, int]] = field(default_factory=set)
    subject: Subject = field(default_factory=make_subject)
    now: datetime = GIVEN_AT
    pages: dict[str, Page] = field(default_factory=dict)
    mails: dict[str, Mail] = field(default_factory=dict)
    #: By purpose the version that was agreed to.
    in_force: dict[str, int] = field(default_factory=dict)
    is_blocked: bool = False
    is_destroyed: bool = False

    @property
    def id(self) -> UUID:
        return self.subject.pk

    @property
    def is_living(self) -> bool:
        return not self.is_blocked and not self.is_destroyed

    @property
    def open(self) -> set[str]:
        return {purpose for purpose in self.in_force if self.is_covered(purpose)}

    def is_covered(self, purpose: str) -> bool:
        return (purpose, self.in_force[purpose]) not in self.narrow

    def may_give(self, purpose: str) -> bool:
        """Nothing is in force, or what is is on hold and today's text covers what is done."""
        if purpose not in self.in_force:
            return self.is_living
        renews = (purpose, self.versions[purpose]) not in self.narrow
        return self.is_living and renews and not self.is_covered(purpose)

    def attempt(self, act: Callable[[], Any], *, expected: bool) -> Any:
        """What the act gives if the model allows it; where it does not, the act has to refuse."""
        if expected:
            return act()
        with pytest.raises(REFUSALS):
            act()
        return None

    def waiting(self, purpose: str) -> Mail | None:
        mail = self.mails.get(purpose)
        return mail if mail and self.now < mail.at + mailbox.GOOD_FOR else None

    # --- what may happen ------------------------------------------------------------------------------------------

    def show(self, purpose: str) -> None:
        shown = self.attempt(lambda: show(subject_id=self.id, purpose=purpose, at=self.now), expected=self.is_living)
        old = self.pages.get(purpose)
        if shown is not None and (old is None or old.nonce != shown.nonce):
            self.pages[purpose] = Page(nonce=shown.nonce, at=self.now, version=self.versions[purpose])

    def press(self, purpose: str) -> None:
        page = self.pages.get(purpose)
        fits = (
            page is not None
            and not page.was_used
            and self.now < page.at + timedelta(hours=24)
            and page.version == self.versions[purpose]
        )
        may = self.may_give(purpose) and not self.waiting(purpose)
        nonce = page.nonce if page else "nothing"
        if page and purpose == "ads" and fits and may and self._mails_today() >= mailbox.MOST_A_DAY:
            return
        given = self.attempt(
            lambda: give_consent(subject_id=self.id, purpose=purpose, nonce=nonce, actor=person(self.id), at=self.now),
            expected=fits and may,
        )
        if given is None or page is None:
            return
        page.was_used = True
        if isinstance(given, Awaited):
            self.mails[purpose] = Mail(code=tokens.link_code_of(given.pk), at=self.now, page=page)
        else:
            self.in_force[purpose] = page.version

    def agree(self, purpose: str) -> None:
        """As most people do it: look, press, and follow the link if there is one."""
        self.show(purpose)
        self.press(purpose)
        if self.waiting(purpose):
            self.answer(purpose)

    def answer(self, purpose: str) -> None:
        mail = self.waiting(purpose)
        fits = mail is not None and mail.page.version == self.versions[purpose]
        code = mail.code if mail else "nothing"
        entry = self.attempt(
            lambda: mailbox.confirm(code=code, actor=Actor.stranger(), at=self.now),
            expected=fits and self.may_give(purpose),
        )
        if entry is not None:
            self.in_force[purpose] = self.mails.pop(purpose).page.version

    def withdraw(self, purpose: str) -> None:
        """Always possible: of the blocked and the destroyed too."""
        self.attempt(
            lambda: withdraw_consent(subject_id=self.id, purpose=purpose, actor=person(self.id), at=self.now),
            expected=purpose in self.in_force,
        )
        self.in_force.pop(purpose, None)
        self.mails.pop(purpose, None)

    def publish(self, purpose: str, *, covers: bool = True) -> None:
        publish_next(purpose, at=self.now, covers=covers)
        self.versions[purpose] += 1

    def publish_narrow(self, purpose: str) -> None:
        self.publish(purpose, covers=False)
        self.narrow.add((purpose, self.versions[purpose]))

    def wait(self, _purpose: str) -> None:
        self.now += timedelta(hours=13)

    def block(self, _purpose: str) -> None:
        if not self.is_destroyed:
            self.subject.block(at=self.now)
            self.is_blocked = True

    def unblock(self, _purpose: str) -> None:
        if not self.is_destroyed:
            self.subject.unblock()
            self.is_blocked = False

    def destroy(self, _purpose: str) -> None:
        Subject.objects.filter(pk=self.id, destroyed_at=None).update(
            wrapped_key=None, destroyed_at=self.now, open_purposes=[]
        )
        self.is_destroyed = True

    def _mails_today(self) -> int:
        return mailbox.sent_today(self.id, "ads", self.now)


# --- what must hold -----------------------------------------------------------------------------------------------


def check(lives: list[Life]) -> None:
    """The newest turns, the row that the choke point reads, and what it then says: all as the model has it."""
    ids = [life.id for life in lives]
    by_ledger: dict[UUID, set[str]] = {}
    for subject_id, purpose in LedgerEntry.objects.in_force().filter(subject__in=ids).values_list("subject", "purpose"):
        by_ledger.setdefault(subject_id, set()).add(purpose)
    held = dict(Subject.objects.filter(pk__in=ids).values_list("pk", "open_purposes"))
    states = {state.id: state for state in subject_state.load(ids, using="default")}
    for life in lives:
        assert by_ledger.get(life.id, set()) == set(life.in_force)
        assert set(held[life.id]) == (set() if life.is_destroyed else life.open)
        refusals = {code: refusal_of_subject(current().purpose(code), states[life.id]) for code in PURPOSES}
        open_now = {code for code, refusal in refusals.items() if refusal is None}
        assert open_now == (life.open if life.is_living else set())


def rebuild(lives: list[Life]) -> None:
    """From the ledger alone the same state comes out: nothing differs; and what was made wrong is made right."""
    assert [one for batch in rebuilding.rebuild(actor=JOB, dry_run=True) for one in batch.differences] == []
    wronged = [life for life in lives if not life.is_destroyed][:: len(lives) // MENDED]
    for life in wronged:
        Subject.objects.filter(pk=life.id).update(open_purposes=sorted(set(PURPOSES) - life.open))
    mended = {one.subject_id for batch in rebuilding.rebuild(actor=JOB) for one in batch.differences}
    assert mended == {life.id for life in wronged}


@pytest.fixture
def texts(transactional_db: None) -> None:
    publish()


PUBLICATIONS: Final = ("publish", "publish_narrow")
ACTS: Final = ("show", "press", "answer", "withdraw", "wait", "block", "unblock", "destroy", *PUBLICATIONS)
#: What carries a history on comes more often than what ends it.
OFTEN: Final = ("agree", "agree", "agree", "withdraw", "press", "answer")
STEP: Final = st.tuples(st.sampled_from((*OFTEN, *ACTS)), st.sampled_from(("surveys", "surveys", "ads")))
HISTORY: Final = st.lists(STEP, min_size=2, max_size=4)


@pytest.mark.django_db(transaction=True)  # thousands of savepoints in one transaction would cost more than commits
@pytest.mark.usefixtures("texts")
@settings(
    max_examples=HISTORIES // IN_ONE_EXAMPLE,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(histories=st.lists(HISTORY, min_size=IN_ONE_EXAMPLE, max_size=IN_ONE_EXAMPLE))
def test_any_history_rebuilds_to_the_state_of_the_moment_and_the_choke_point_agrees(histories):
    texts = [text_of(purpose) for purpose in PURPOSES]  # of the histories before
    versions = {text.purpose: text.version for text in texts}
    narrow = {(text.purpose, text.version) for text in texts if not reach.is_covered(text)}
    lives = [Life(versions=versions, narrow=narrow) for _ in histories]
    for life, history in zip(lives, histories, strict=True):
        for act, purpose in history:
            getattr(life, act)(purpose)
    check(lives)
    rebuild(lives)
    check(lives)

"""The choke point: `with processing(purpose, actor=…)` is the only way to open or change personal data.

The scope opens the transaction, tells PostgreSQL who acts and why (triggers refuse a write without it), decides what
may be opened, and enters what was opened into the log before the transaction ends. What it opened is kept in the
scope and nowhere else: when it ends, every instance is closed again.
"""

import logging
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import DEFAULT_DB_ALIAS, DatabaseError, transaction

from personal_data import installation, permission, subject_state
from personal_data.acquaintance import KnowsSubjects
from personal_data.declaring import Declaring
from personal_data.errors import (
    Altered,
    Destroyed,
    PersonalDataError,
    Undeclared,
    UnknownPurpose,
    WrongKey,
    as_refused,
)
from personal_data.pages import Page, close, opened_of, put_at_rest
from personal_data.sealing import unseal
from personal_data.subject_state import Standing, SubjectState
from processing_log import events
from processing_log.actors import Actor
from processing_log.events import Declaration, Entry
from processing_log.operations import Operation
from profiles import current as current_profile
from profiles.schema import Purpose

if TYPE_CHECKING:
    from personal_data.fields import SealedMixin

logger = logging.getLogger(__name__)

_SCOPE: ContextVar["Scope | None"] = ContextVar("processing", default=None)

EXTRACT: Final = Operation.EXTRACT.value


class Scope(KnowsSubjects):
    """What one declaration has loaded, opened and is going to log. Made by `processing()`."""

    def __init__(self, purpose: Purpose, declaration: Declaration, parent: "Scope | None", using: str) -> None:
        self.purpose = purpose
        self.declaration = declaration
        self.parent = parent
        self.root: Scope = parent.root if parent else self
        self.is_open = True
        super().__init__(Declaring(declaration, on_blocked=purpose.works_on_blocked, using=using), using)
        self._covered: set[tuple[str, str]] = set()
        self._verdicts: dict[Standing, bool] = {}
        self._pages: list[Page] = []
        self._open_rows: list[Any] = []
        self._own: set[bytes] = set()
        self._reads: list[tuple[UUID, Collection[str]]] = []
        self._facts: list[Entry] = []
        self._refusals: list[Entry] = []
        self._owed: list[tuple[Declaration, list[Entry]]] = []
        self._written: list[tuple[Declaration, list[Entry]]] = []

    @property
    def actor(self) -> Actor:
        return self.declaration.actor

    def record(
        self,
        fact: str,
        *,
        operation: str = "",
        subject: UUID | None = None,
        subjects: Collection[UUID] = (),
        categories: Iterable[str] = (),
        reason: str = "",
    ) -> None:
        """Enters what touched no sealed column: a consent, a refusal, an answer. Codes and ids only. What befell many
        people alike is named with all of them, as `subjects`: an event for each."""
        entry = Entry(
            fact=fact,
            operation=operation,
            subject=subject,
            subjects=subjects,
            categories=tuple(categories),
            reason=reason,
        )
        self._facts.append(entry)

    # --- what the sealed fields ask -------------------------------------------------------------------------------

    def open(self, field: "SealedMixin", instance: Any, blob: bytes) -> Any:
        """The value behind `blob`, if the declared purpose allows it; it stays open in the instance until the end."""
        values = instance.__dict__
        page = self._page_of(instance)
        if page is not None and field.attname in page.names:
            page.open_row(instance, self)
            if field.attname in values:
                return values[field.attname]
        subject_id: UUID = instance.subject_id
        state = self.permit(subject_id, field.category, EXTRACT, page, values)
        plain = self._unseal(field, instance, blob, state)
        if plain is None:
            return None
        value = field.opened(plain, instance, self)
        if blob not in self._own:
            self._reads.append((subject_id, (field.category,)))
        self._keep(instance, field.attname, value)
        if page is not None:
            page.learn(field)
        return value

    def note_open(self, row: Any, state: Any, opened: dict[str, Any], page: Page) -> None:
        """What a page has opened of a row of its own."""
        if state.opened:
            state.opened.update(opened)
        else:
            state.opened = opened
        self._open_rows.append(row)
        read = page.read_of(row, opened, self._own) if self._own or len(opened) < len(page.columns) else page.categories
        self._reads.append((row.subject_id, read))

    def _unseal(self, field: "SealedMixin", instance: Any, blob: bytes, state: SubjectState) -> bytes | None:
        """None where the value was taken away meanwhile."""
        place = field.place(instance.pk, state.id)
        try:
            return unseal(state.cipher, blob, place, state.standing.key_number)
        except WrongKey as error:
            self._refuse(error, state.id, field.category, EXTRACT)
            raise
        except Altered as error:
            first_error = error
        again = self._fetch_again(field, instance, blob, state)
        if again is None:
            return None
        state, blob = again
        try:
            return unseal(state.cipher, blob, place, state.standing.key_number)
        except Altered:
            self._refuse(first_error, state.id, field.category, EXTRACT)
            raise

    def _fetch_again(
        self, field: "SealedMixin", instance: Any, blob: bytes, state: SubjectState
    ) -> tuple[SubjectState, bytes] | None:
        """The person may have been given another key between the fetching of the key and that of the value: then both
        are fetched again, in one moment."""
        if blob[:1] == state.standing.key_byte:
            return state, blob
        fresh, value = subject_state.load_with_value(
            state.id, instance._meta.db_table, field.sealed_column, instance.pk, using=self.using
        )
        if fresh is None:
            return state, blob
        self._subjects[state.id.int] = fresh
        state = self.permit(state.id, field.category, EXTRACT)
        if value is None and not field.null:
            self._refuse(Destroyed(str(state.id)), state.id, field.category, EXTRACT)
        put_at_rest(instance, field.rest, value)
        return None if value is None else (state, value)

    def differs(self, field: "SealedMixin", instance: Any) -> bool:
        """Whether the open value, which nobody has replaced, has been changed in itself."""
        state = self.state_of(instance.subject_id)
        plain = self._unseal(field, instance, instance.__dict__[field.rest], state)
        return field.to_plain(instance.__dict__[field.attname]) != plain

    def permit(
        self,
        subject_id: UUID,
        category: str,
        operation: str,
        page: Page | None = None,
        values: dict[str, Any] | None = None,
    ) -> SubjectState:
        """The subject's state, or the exception that says why not. A refusal is logged, also when the act fails."""
        state = self.state_of(subject_id, page, values)
        if not self.reaches(state):
            self._refuse(permission.refusal_of_subject(self.purpose, state), subject_id, category, operation)
        if (category, operation) not in self._covered:
            refusal = permission.refusal_of_category(self.purpose, category, operation)
            self._refuse(refusal, subject_id, category, operation)
            self._covered.add((category, operation))
        return state

    def permit_all(self, subject_id: UUID, asked: frozenset[tuple[str, str]]) -> SubjectState:
        """`permit()` for several categories and operations at once: most rows of many ask for the same."""
        state = self.state_of(subject_id)
        if not (asked <= self._covered and self.reaches(state)):
            for category, operation in sorted(asked):
                self.permit(subject_id, category, operation)
        return state

    def reaches(self, state: SubjectState) -> bool:
        """Whether the purpose reaches the subject. Asked once for all people whose standing is the same."""
        verdict = self._verdicts.get(state.standing)
        if verdict is None:
            refusal = permission.refusal_of_subject(self.purpose, state)
            verdict = self._verdicts[state.standing] = refusal is None
        return verdict

    def reaches_now(self, row: Any) -> bool:
        """Whether it still does, after something may have become of the row's subject."""
        return self.reaches(self.state_of(row.subject_id))

    def cipher_of(self, subject_id: UUID) -> AESGCM:
        """The key of a subject of whom something was opened or sealed in this scope."""
        return self.state_of(subject_id).cipher

    def keep_own(self, instance: Any, name: str, value: Any, blob: bytes) -> None:
        """Keeps a value that was just sealed readable. Reading it is no reading of what is held."""
        self._own.add(blob)
        self._keep(instance, name, value)

    def note_own(self, row: Any, blobs: Iterable[bytes]) -> None:
        """The values of a row that were sealed in this scope, and are open in it."""
        self._own.update(blobs)
        self._open_rows.append(row)

    def _keep(self, instance: Any, name: str, value: Any) -> None:
        instance.__dict__[name] = opened_of(instance)[name] = value
        self._open_rows.append(instance)

    # --- whose data it is -------------------------------------------------------------------------------------------

    def forget(self, subject_id: UUID) -> None:
        """The subject's row has changed: read it anew, also for what was opened ahead of being read."""
        scope: Scope | None = self
        while scope:
            scope.close_rows()
            scope.known_as_of += 1
            scope._subjects.pop(subject_id.int, None)
            for page in scope._pages:
                page.has_cards = False
            scope = scope.parent

    def forget_all(self) -> None:
        """A scope inside may have changed whatever it wished. Who nests scopes does so row by row: from now on rows
        load their subjects one by one, else the whole page would be loaded for each."""
        self.known_as_of += 1
        self._subjects.clear()
        for page in self._pages:
            page.loads_together = page.has_cards = False

    def _refuse(self, error: PersonalDataError | None, subject_id: UUID, category: str, operation: str) -> None:
        """Raises the error, if there is one, and remembers for the log that this was tried."""
        if error is None:
            return
        self._refusals.append(
            Entry(operation=operation, fact=f"refused_{error.code}", subject=subject_id, categories=(category,))
        )
        raise error

    # --- the rows of one query --------------------------------------------------------------------------------------

    def _page_of(self, instance: Any) -> Page | None:
        page: Page | None = getattr(instance._state, "page", None)
        if page is None or page.scope is self:
            return page
        if page.scope is None:
            self.adopt(page)
            return page
        return None

    def adopt(self, page: Page) -> None:
        page.scope = self
        self._pages.append(page)

    def close_rows(self) -> None:
        """Takes away what is open; whoever reads it again is asked for permission again."""
        for row in self._open_rows:
            close(row)
        self._open_rows.clear()

    def close(self) -> None:
        """The end: no value, no key and no row is kept."""
        self.close_rows()
        for page in self._pages:
            page.clear()
        for kept in (self._pages, self._subjects, self._own, self._reads):
            kept.clear()
        self.is_open = False

    # --- the transaction and the log --------------------------------------------------------------------------------

    def write_log(self) -> None:
        """Everything seen so far, in the open transaction: also what a scope inside lost to its savepoint."""
        entries = [*self._read_entries(), *self._refusals]
        for declaration, owed in [*self._owed, (self.declaration, [*entries, *self._facts])]:
            events.append(declaration, owed, using=self.using)
        self.root._written.extend([*self._owed, (self.declaration, entries)])
        for written in (self._owed, self._reads, self._refusals, self._facts):
            written.clear()

    def owe_log(self) -> None:
        """The scope failed: what it opened was opened all the same, and what was refused was tried."""
        entries = [*self._read_entries(), *self._refusals]
        owed = [*self._owed, (self.declaration, entries)]
        if self.parent:
            self.parent._owed.extend(owed)
            return
        with transaction.atomic(using=self.using):
            for declaration, late in [*self._written, *owed]:
                events.append(declaration, late, using=self.using)

    def _read_entries(self) -> list[Entry]:
        """An event a subject. People who look at their own data on their own pages leave none."""
        read: dict[int, tuple[UUID, Collection[str]]] = {}
        for subject_id, categories in self._reads:
            before = read.setdefault(subject_id.int, (subject_id, categories))[1]
            if before is not categories:
                read[subject_id.int] = subject_id, {*before, *categories}
        if self.actor.subject_id:
            read.pop(self.actor.subject_id.int, None)
        alike: dict[tuple[str, ...], list[UUID]] = {}
        for subject_id, categories in read.values():
            alike.setdefault(tuple(sorted(categories)), []).append(subject_id)
        return [Entry(operation=EXTRACT, subjects=ids, categories=categories) for categories, ids in alike.items()]


#: asked at each reading of a value, so without a function of our own
scope_if_any: Final = _SCOPE.get


def current_scope() -> Scope:
    scope = _SCOPE.get()
    if scope is None:
        raise Undeclared("personal data is touched outside of processing()")
    return scope


@contextmanager
def processing(purpose: str, *, actor: Actor, reason: str = "", using: str = DEFAULT_DB_ALIAS) -> Iterator[Scope]:
    """Declares who processes personal data and for which purpose of the profile, for the length of one act.

    The outermost scope is a transaction of its own (it refuses to run inside another one); a scope inside it is a
    savepoint. `reason` is a code, a norm or a request's number, never free text. Raises UnknownPurpose."""
    parent = _SCOPE.get()
    scope = _make(purpose, actor, reason, parent, using)
    if parent:
        parent.close_rows()
    token = _SCOPE.set(scope)
    try:
        with transaction.atomic(using=using, durable=parent is None):
            with scope.declaring.awaited():
                yield scope
            scope.write_log()
            _give_back(scope)
        if parent is None:
            scope.declaring.take_away()
    except DatabaseError as error:
        scope.owe_log()
        if (named := as_refused(error)) is error:
            raise  # with the cause that it came with
        raise named from error
    except BaseException:
        scope.owe_log()
        raise
    finally:
        scope.close()
        _SCOPE.reset(token)


def _make(purpose_code: str, actor: Actor, reason: str, parent: Scope | None, using: str) -> Scope:
    profile = current_profile()
    purpose = profile.purposes.get(purpose_code)
    if purpose is None:
        raise UnknownPurpose(purpose_code)
    installation.ensure_keyring_fits(using)
    declaration = Declaration(
        actor=actor,
        purpose=purpose.code,
        basis=purpose.basis,
        system=profile.system_name,
        context=parent.declaration.context if parent else uuid4(),
        reason=reason,
    )
    return Scope(purpose, declaration, parent, using)


def _give_back(scope: Scope) -> None:
    """The settings outlive a savepoint: hand the declaration back to the scope around."""
    if scope.parent:
        if scope.declaring.was_made:
            scope.parent.declaring.make()
        scope.parent.forget_all()


def forget_subject(subject_id: UUID) -> None:
    """The subject's row was changed: scopes that are open read it anew."""
    scope = _SCOPE.get()
    if scope:
        scope.forget(subject_id)

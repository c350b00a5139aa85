"""The choke point: `with processing(purpose, actor=…)` is the only way to open or change personal data.

The scope opens the transaction, tells PostgreSQL who acts and why (triggers refuse a write without it), decides what
may be opened, and enters what was opened into the log before the transaction ends. What it opened is kept in the
scope and nowhere else: when it ends, every instance is closed again.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import DEFAULT_DB_ALIAS, DatabaseError, transaction

from personal_data import installation, permission, subject_state
from personal_data.declaring import Declaring
from personal_data.errors import Altered, Blocked, Destroyed, PersonalDataError, Undeclared, UnknownPurpose, WrongKey
from personal_data.pages import Column, Openable, Page, Sealed
from personal_data.sealing import unseal
from personal_data.subject_state import Standing, SubjectState, unwrap_all
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

_REFUSED_BY_DATABASE: Final[dict[str, type[PersonalDataError]]] = {"PDBLK": Blocked, "PDGON": Destroyed}


class Scope:
    """What one declaration has loaded, opened and is going to log. Made by `processing()`."""

    def __init__(self, purpose: Purpose, declaration: Declaration, parent: "Scope | None", using: str) -> None:
        self.purpose = purpose
        self.declaration = declaration
        self.using = using
        self.parent = parent
        self.root: Scope = parent.root if parent else self
        self.is_open = True
        self.declaring = Declaring(declaration, on_blocked=purpose.works_on_blocked, using=using)
        self._subjects: dict[UUID, SubjectState] = {}
        self._covered: set[tuple[str, str]] = set()
        self._verdicts: dict[Standing, bool] = {}
        self._pages: list[Page] = []
        self._columns: list[Column] = []
        self._values: list[tuple[Sealed, Scope | None, Any]] = []
        self._reads: dict[UUID, set[str]] = {}
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
        categories: Iterable[str] = (),
        reason: str = "",
    ) -> None:
        """Enters what touched no sealed column: a consent, a refusal, an answer. Codes and ids only."""
        entry = Entry(fact=fact, operation=operation, subject=subject, categories=tuple(categories), reason=reason)
        self._facts.append(entry)

    # --- what the sealed fields ask -------------------------------------------------------------------------------

    def open(self, field: "SealedMixin", instance: Any, sealed: Sealed) -> Any:
        """The value behind `sealed`, if the declared purpose allows it. Opened once, remembered until the end."""
        subject_id: UUID = instance.subject_id
        category = field.category
        page = self._page_of(instance)
        state = self.permit(subject_id, category, EXTRACT, page)
        if page and field.opens_in_columns and page.opens_now(field.attname):
            self._open_column(page, field)
            if sealed.scope is self:
                sealed.was_read = True
                return sealed.value
        try:
            plain = unseal(state.cipher, sealed.blob, field.place(instance.pk, subject_id))
        except (Altered, WrongKey) as error:
            self._refuse(error, subject_id, category, EXTRACT)
            raise
        self._reads.setdefault(subject_id, set()).add(category)
        value = field.opened(plain, instance, self)
        self.remember(sealed, value)
        return value

    def permit(self, subject_id: UUID, category: str, operation: str, page: Page | None = None) -> SubjectState:
        """The subject's state, or the exception that says why not. A refusal is logged, also when the act fails."""
        state = self._subjects.get(subject_id) or self._load(subject_id, page)
        if not self._reaches(state):
            self._refuse(permission.refusal_of_subject(self.purpose, state), subject_id, category, operation)
        if (category, operation) not in self._covered:
            refusal = permission.refusal_of_category(self.purpose, category, operation)
            self._refuse(refusal, subject_id, category, operation)
            self._covered.add((category, operation))
        return state

    def _reaches(self, state: SubjectState) -> bool:
        """Whether the purpose reaches the subject. Asked once for all people whose standing is the same."""
        verdict = self._verdicts.get(state.standing)
        if verdict is None:
            refusal = permission.refusal_of_subject(self.purpose, state)
            verdict = self._verdicts[state.standing] = refusal is None
        return verdict

    def cipher_of(self, subject_id: UUID) -> AESGCM:
        """The key of a subject of whom something was opened or sealed in this scope."""
        return self._subjects[subject_id].cipher

    def remember(self, sealed: Sealed, value: Any) -> None:
        """Keeps a value that was just opened or sealed readable to the end of the scope."""
        self._values.append((sealed, sealed.scope, sealed.value if sealed.scope else None))
        sealed.scope, sealed.value = self, value

    def meet(self, subject_ids: Iterable[UUID]) -> None:
        """Loads with one query the subjects that are going to be asked for."""
        unknown = set(subject_ids).difference(self._subjects)
        if unknown:
            self._subjects.update(subject_state.load(unknown, using=self.using))

    def read_card(self, subject_id: UUID, card: str) -> None:
        """What a query brought of a subject together with a row of theirs."""
        if subject_id not in self._subjects:
            self._subjects[subject_id] = SubjectState(subject_id, card)

    def forget(self, subject_id: UUID) -> None:
        """The subject's row has changed: read it anew, also for what was opened ahead of being read."""
        scope: Scope | None = self
        while scope:
            scope.close_columns()
            scope._subjects.pop(subject_id, None)
            scope = scope.parent

    def _load(self, subject_id: UUID, page: Page | None) -> SubjectState:
        self.meet({subject_id, *page.subject_ids()} if page else {subject_id})
        try:
            return self._subjects[subject_id]
        except KeyError:
            raise Undeclared(f"there is no subject {subject_id}") from None

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

    def _open_column(self, page: Page, field: "SealedMixin") -> None:
        """Opens what may be opened. The rest stays closed, and says why when it is read."""
        if page.openable is None:
            page.openable = list(self._openable(page))
        column = Column(field.category)
        column.open(page.openable, field, self)
        self._columns.append(column)

    def _openable(self, page: Page) -> Iterator[Openable]:
        known = ((row.__dict__, self._subjects.get(row.__dict__.get("subject_id"))) for row in page.rows)
        reached = [(values, state) for values, state in known if state and self._reaches(state)]
        unwrap_all(state for _, state in reached)
        for values, state in reached:
            if state.cipher_if_unwrapped:
                yield values, state.id, state.cipher_if_unwrapped.decrypt, values["id"].bytes + state.id.bytes

    def close_columns(self) -> None:
        """Notes what was read of the columns that were opened, and closes them. From now on their pages open value by
        value: else whoever blocks people, or nests scopes, row by row would have the whole page opened for each."""
        for column in self._columns:
            for subject_id in column.close():
                self._reads.setdefault(subject_id, set()).add(column.category)
        self._columns.clear()
        for page in self._pages:
            page.opens_in_columns = False

    def close(self) -> None:
        """The end: no value, no key and no row is kept; a scope around has back what it had opened."""
        self.close_columns()
        for sealed, scope, value in reversed(self._values):
            sealed.scope, sealed.value = scope, value
        for page in self._pages:
            page.clear()
        for kept in (self._values, self._pages, self._subjects):
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
        self.close_columns()
        subjects: dict[tuple[str, ...], list[UUID]] = {}
        for subject_id, categories in self._reads.items():
            if subject_id != self.actor.subject_id:
                subjects.setdefault(tuple(sorted(categories)), []).append(subject_id)
        return [
            Entry(operation=EXTRACT, subjects=alike, categories=categories) for categories, alike in subjects.items()
        ]


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
        parent.close_columns()
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
        raise _named(error) from error
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


def _named(error: DatabaseError) -> Exception:
    """The triggers' own refusals under the names that the code above catches."""
    refusal = _REFUSED_BY_DATABASE.get(getattr(error.__cause__, "sqlstate", ""))
    return refusal(str(error).partition("\n")[0]) if refusal else error


def _give_back(scope: Scope) -> None:
    """The settings outlive a savepoint: hand the declaration back to the scope around."""
    if scope.parent:
        if scope.declaring.was_made:
            scope.parent.declaring.make()
        scope.parent._subjects.clear()


def forget_subject(subject_id: UUID) -> None:
    """The subject's row was changed: scopes that are open read it anew."""
    scope = _SCOPE.get()
    if scope:
        scope.forget(subject_id)

"""Whom a scope knows: the subjects whose rows it has met, each loaded once, many at a time, and for a few seconds."""

from collections.abc import Iterable, Iterator, Sequence
from time import monotonic
from typing import Any
from uuid import UUID

from personal_data import keyring, subject_state
from personal_data.declaring import Declaring
from personal_data.errors import KeyringMismatch, Undeclared
from personal_data.pages import CARD, KNOWN_SECONDS, Page
from personal_data.subject_state import Epochs, SubjectState, unwrap, unwrap_far


class KnowsSubjects:
    """What a scope asks before it opens anything. `known_as_of` goes up when something may have become of a subject."""

    def __init__(self, declaring: Declaring, using: str) -> None:
        self.declaring = declaring
        self.using = using
        self.known_as_of = 0
        self._subjects: dict[int, SubjectState] = {}  # by the number of their UUID, whose hash costs a tenth
        self._epochs = Epochs()

    def meet(self, subject_ids: Iterable[UUID]) -> None:
        """Loads with one query the subjects that are going to be asked for."""
        known = self._subjects
        stale = monotonic() - KNOWN_SECONDS
        unknown = [one for one in subject_ids if (state := known.get(one.int)) is None or state.loaded_at < stale]
        if not unknown:
            return
        declaration = self.declaring.values_if_awaited() if len(unknown) == 1 else None
        with self.declaring.brought_along(declaration):
            loaded = subject_state.load(unknown, declaration, using=self.using)
            self.declaring.arrived(declaration, loaded)
        unwrap_far(loaded)
        for state in loaded:
            known[state.id.int] = state

    def introduce(self, state: SubjectState) -> None:
        """A subject who was made just now."""
        self._subjects[state.id.int] = state

    def read_card(self, subject_id: UUID, card: bytes) -> None:
        """What a query brought of a subject together with a row of theirs."""
        if subject_id.int not in self._subjects:
            self._subjects[subject_id.int] = SubjectState(subject_id, card, loaded_at=monotonic())

    def state_of(
        self, subject_id: UUID, page: Page | None = None, values: dict[str, Any] | None = None
    ) -> SubjectState:
        """What is known of a subject, from the card that came with the row, or else asked for."""
        state = self._subjects.get(subject_id.int)
        if state is None and values and CARD in values and page and page.has_cards:
            state = self._subjects[subject_id.int] = SubjectState(subject_id, values[CARD], loaded_at=page.fetched_at)
        if state is None or monotonic() - state.loaded_at > KNOWN_SECONDS:
            state = self._load(subject_id, page)
        if not state.was_unwrapped:
            try:
                unwrap(state, self._epochs)
            except KeyringMismatch:
                state = self._unwrapped_anew(state)
        return state

    def _unwrapped_anew(self, state: SubjectState) -> SubjectState:
        """The epoch is over since the card was read: the key has been wrapped anew."""
        self._subjects.pop(state.id.int, None)
        state = self._load(state.id, None)
        unwrap(state, self._epochs)
        return state

    def states_of(self, rows: Sequence[Any], page: Page) -> Iterator[SubjectState]:
        """`state_of()` of each row of a page, without calls of our own between the ciphers."""
        if keyring.current().is_far:
            self._unwrap_together(rows, page)
        known, epochs, stale = self._subjects, self._epochs, monotonic() - KNOWN_SECONDS
        for row in rows:
            values = row.__dict__
            subject_id = values.get("subject_id") or row.subject_id
            state = known.get(subject_id.int)
            if state is None and CARD in values and page.has_cards:
                state = known[subject_id.int] = SubjectState(subject_id, values[CARD], loaded_at=page.fetched_at)
            if state is None or state.loaded_at < stale:
                state = self._load(subject_id, page)
            if not state.was_unwrapped:
                try:
                    unwrap(state, epochs)
                except KeyringMismatch:
                    state = self._unwrapped_anew(state)
            yield state

    def _unwrap_together(self, rows: Iterable[Any], page: Page) -> None:
        known, ids = self._subjects, list[UUID]()
        for row in rows:
            ids.append(row.subject_id)
            if page.has_cards and CARD in row.__dict__ and row.subject_id.int not in known:
                card = row.__dict__[CARD]
                known[row.subject_id.int] = SubjectState(row.subject_id, card, loaded_at=page.fetched_at)
        self.meet(dict.fromkeys(ids))
        unwrap_far([known[one.int] for one in dict.fromkeys(ids) if one.int in known])

    def _load(self, subject_id: UUID, page: Page | None) -> SubjectState:
        self.meet({subject_id, *page.subject_ids()} if page and page.loads_together else [subject_id])
        try:
            return self._subjects[subject_id.int]
        except KeyError:
            raise Undeclared(f"there is no subject {subject_id}") from None

"""The buttons of one request. Each is a row: when it is there, what it asks for, and which act it is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from types import MappingProxyType
from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from law.deadlines import operator_zone
from personal_data.models import Subject
from processing_log.actors import Actor, ActorKind
from retention.person import Person
from retention.person import person as person_of
from subject_requests import answering, contested, drafts, services
from subject_requests.clocks import DESTROY_UNLAWFUL
from subject_requests.forms import (
    AnswerForm,
    ConsentsForm,
    DropForm,
    ExtensionForm,
    ExternalForm,
    QuestionForm,
    RefusalForm,
    WidenForm,
    WordsForm,
    chosen_of,
)
from subject_requests.forms_parts import PartsForm, UnlawfulPartsForm, as_choices, chosen_parts_of
from subject_requests.intake import papers
from subject_requests.intake.forms import RecogniseForm
from subject_requests.kinds import OUTCOME_OF, Outcome, RequestKind, State
from subject_requests.models import Request, RequestClock

Words = str | Promise


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One request as it stands to whoever looks at it."""

    request: Request
    clocks: Sequence[RequestClock]
    user: User
    at: datetime

    @property
    def is_mine(self) -> bool:
        return self.request.taken_by == self.user.pk

    @property
    def is_worked(self) -> bool:
        return self.request.state in (State.TAKEN, State.WAITING)

    @property
    def is_mine_to_work(self) -> bool:
        return self.is_mine and self.is_worked

    @property
    def ends_unlawful(self) -> bool:
        """Unlawful processing was found, and its term to destroy runs."""
        return any(clock.rule == DESTROY_UNLAWFUL and clock.is_running for clock in self.clocks)

    @property
    def found_unlawful(self) -> bool:
        """Also where it was made lawful since: a term runs once."""
        return any(clock.rule == DESTROY_UNLAWFUL for clock in self.clocks)

    @property
    def extendable(self) -> list[RequestClock]:
        return [clock for clock in self.clocks if clock.may_be_extended(self.at)]


Run = Callable[[Standing, dict[str, Any]], object]


@dataclass(frozen=True, kw_only=True)
class Act:
    """`allowed` decides whether the button is there; the service and the database decide once more. `form` is None
    where a press says all. `main` is shown open, the rest is folded."""

    code: str
    label: Words
    done: Words
    allowed: Callable[[Standing], bool]
    run: Run
    form: Callable[..., forms.Form] | None = None
    options: Callable[[Standing], dict[str, Any]] = lambda standing: {}
    help: Words = ""
    main: bool = False


def _ids(standing: Standing) -> dict[str, Any]:
    return {"request_id": standing.request.pk, "actor": standing.user.actor, "at": standing.at}


def _simply(service: Callable[..., object]) -> Run:
    return lambda standing, cleaned: service(**_ids(standing))


def _with_text(service: Callable[..., object]) -> Run:
    return lambda standing, cleaned: service(**_ids(standing), text=cleaned["text"])


def _is_second(standing: Standing) -> bool:
    return standing.request.state == State.PROPOSED and answering.may_be_second(standing.request, standing.user.actor)


def _extend(standing: Standing, cleaned: dict[str, Any]) -> None:
    actor: Actor = standing.user.actor
    services.extend(clock_id=int(cleaned["clock"]), text=cleaned["text"], actor=actor, at=standing.at)


def _identify(standing: Standing, cleaned: dict[str, Any]) -> None:
    papers.recognise(**_ids(standing), address=cleaned["address"])


def _droppable(standing: Standing) -> list[RequestKind]:
    """One at least stays; what was carried out is no longer a guess."""
    asked = standing.request.asked
    return [kind for kind in asked if OUTCOME_OF[kind] not in standing.request.outcomes] if len(asked) > 1 else []


def _consents_as_chosen(standing: Standing) -> dict[str, Any]:
    chosen = standing.request.consents
    return {"initial": {"consents": chosen or [], "withdraws_all": chosen is None}}


def _note_unlawful(standing: Standing, cleaned: dict[str, Any]) -> None:
    noon = datetime.combine(cleaned["found_on"], time(12), tzinfo=operator_zone())
    services.note_unlawful(
        **_ids(standing), found_at=min(noon, standing.at), text=cleaned["text"], chosen=chosen_parts_of(cleaned)
    )


def _held(standing: Standing) -> Person:
    return person_of(Subject.objects.get(pk=standing.request.person_id), standing.at)


def _parts_as_chosen(standing: Standing) -> dict[str, Any]:
    return {"person": _held(standing), "initial": as_choices(contested.of(standing.request))}


def _parts_found(standing: Standing) -> dict[str, Any]:
    return {
        "person": _held(standing),
        "initial": {"found_on": standing.at.astimezone(operator_zone()).date(), "everything": True},
    }


ACTS: Final[Mapping[str, Act]] = MappingProxyType(
    {
        act.code: act
        for act in (
            Act(
                code="take",
                label=_("Take the request"),
                done=_("The request is yours now."),
                allowed=lambda standing: standing.request.state == State.NEW,
                run=_simply(services.take),
                main=True,
            ),
            Act(
                code="confirm",
                label=_("Confirm the refusal and send it"),
                done=_("The refusal is confirmed; the person is told."),
                allowed=_is_second,
                run=_simply(services.confirm_refusal),
                help=_("You are the second person. Open the words first: it is they that are sent."),
                main=True,
            ),
            Act(
                code="return",
                label=_("Send the refusal back"),
                done=_("The refusal is sent back."),
                allowed=lambda standing: (
                    standing.request.state == State.PROPOSED and (_is_second(standing) or standing.is_mine)
                ),
                run=_with_text(services.return_refusal),
                form=WordsForm,
                help=_("Say to your colleague why; the person does not see it."),
            ),
            Act(
                code="answer",
                label=_("Answer"),
                done=_("The request is closed; the person is told."),
                allowed=lambda standing: standing.is_mine_to_work,
                run=_with_text(services.answer),
                form=AnswerForm,
                options=lambda standing: {"initial": {"text": drafts.answer_to(standing.request)}},
                main=True,
            ),
            Act(
                code="ask",
                label=_("Ask the person"),
                done=_("The person is asked. The clocks run on."),
                allowed=lambda standing: standing.is_mine_to_work,
                run=_with_text(services.ask),
                form=QuestionForm,
                help=_("No clock stops while you wait for the answer."),
            ),
            Act(
                code="write",
                label=_("Write to the person"),
                done=_("The words are with the person. You wait for nothing."),
                allowed=lambda standing: standing.is_mine_to_work,
                run=_with_text(services.write_to_person),
                form=ExternalForm,
                help=_("A word in between that asks nothing."),
            ),
            Act(
                code="resume",
                label=_("Wait no longer"),
                done=_("The request is in work again."),
                allowed=lambda standing: standing.is_mine and standing.request.state == State.WAITING,
                run=_simply(services.resume),
            ),
            Act(
                code="refuse",
                label=_("Propose a refusal"),
                done=_("The refusal waits for a second person."),
                allowed=lambda standing: standing.is_mine_to_work,
                run=lambda standing, cleaned: services.propose_refusal(
                    **_ids(standing), norm=cleaned["norm"], text=cleaned["text"]
                ),
                form=RefusalForm,
                options=lambda standing: {
                    "kinds": standing.request.asked,
                    "initial": {"text": drafts.refusal_of(standing.request, "")},
                },
                help=_("A refusal needs a norm of the law, reasons, and a second person who agrees."),
            ),
            Act(
                code="extend",
                label=_("Make the term longer"),
                done=_("The term is longer; the person is told why."),
                allowed=lambda standing: standing.is_mine_to_work and bool(standing.extendable),
                run=_extend,
                form=ExtensionForm,
                options=lambda standing: {
                    "clocks": standing.extendable,
                    "initial": {"text": drafts.notice_of_extension(standing.request)},
                },
                help=_("Once, by five working days, and only before the term ends. The notice goes at once."),
            ),
            Act(
                code="identify",
                label=_("I have checked a document: it is the person"),
                done=_("It is established who asks."),
                allowed=lambda standing: standing.request.is_open and not standing.request.is_identified,
                run=_identify,
                form=RecogniseForm,
                help=_("What could not be done at once is done then. The clocks do not change."),
            ),
            Act(
                code="authority",
                label=_("I have checked the representative’s authority"),
                done=_("The authority is noted as checked."),
                allowed=lambda standing: (
                    standing.request.is_open
                    and standing.request.by_representative
                    and standing.request.authority_checked_at is None
                ),
                run=_simply(papers.accept_authority),
                help=_("Until then nothing is disclosed."),
            ),
            Act(
                code="widen",
                label=_("Add what the message also asks for"),
                done=_("The new clocks run from the receipt."),
                allowed=lambda standing: standing.request.is_open,
                run=lambda standing, cleaned: services.add_kinds(**_ids(standing), kinds=cleaned["kinds"]),
                form=WidenForm,
                options=lambda standing: {"kinds": standing.request.asked},
            ),
            Act(
                code="consents",
                label=_("Say which consents go"),
                done=_("It is noted which consents go."),
                allowed=lambda standing: (
                    standing.request.is_open
                    and standing.request.asks(RequestKind.WITHDRAWAL)
                    and Outcome.CONSENTS_WITHDRAWN not in standing.request.outcomes
                ),
                run=lambda standing, cleaned: services.choose_consents(**_ids(standing), consents=chosen_of(cleaned)),
                form=ConsentsForm,
                options=_consents_as_chosen,
                help=_("They go at once if it is known who asks, else the moment that is established."),
            ),
            Act(
                code="parts",
                label=_("Choose what is destroyed"),
                done=_("It is noted. It is destroyed when you answer; until then nothing is."),
                allowed=lambda standing: (
                    standing.is_mine_to_work
                    and standing.request.is_identified
                    and standing.request.asks(RequestKind.UNNEEDED)
                ),
                run=lambda standing, cleaned: services.choose_parts(**_ids(standing), chosen=chosen_parts_of(cleaned)),
                form=PartsForm,
                options=_parts_as_chosen,
                help=_(
                    "Just this goes when you answer, with a record and a receipt; the rest stays. What nobody has an "
                    "account without, the address to sign in with, goes with everything only."
                ),
            ),
            Act(
                code="drop",
                label=_("Drop what the message does not ask for"),
                done=_("It is dropped; the person sees it with the reason."),
                allowed=lambda standing: standing.is_mine_to_work and bool(_droppable(standing)),
                run=lambda standing, cleaned: services.drop_kind(
                    **_ids(standing), kind=cleaned["kind"], why=cleaned["why"]
                ),
                form=DropForm,
                options=lambda standing: {"kinds": _droppable(standing)},
                help=_("The reason is kept, and the clock stays in sight as dropped. What was carried out stays."),
            ),
            Act(
                code="unlawful",
                label=_("Unlawful processing was found"),
                done=_("The data is blocked, and both terms run: three working days to stop, ten to destroy."),
                allowed=lambda standing: (
                    standing.is_mine_to_work and standing.request.is_identified and not standing.found_unlawful
                ),
                run=_note_unlawful,
                form=UnlawfulPartsForm,
                options=_parts_found,
                help=_(
                    "Everything held about the person is blocked at once. What you choose is destroyed when ten "
                    "working days are over, unless the processing is made lawful before (article 21, part 3)."
                ),
            ),
            Act(
                code="lawful",
                label=_("The processing was made lawful"),
                done=_("Nothing is destroyed for this; the note says why."),
                allowed=lambda standing: (
                    standing.request.is_open
                    and standing.ends_unlawful
                    and standing.user.actor.kind == ActorKind.OFFICER
                ),
                run=_with_text(services.note_lawful),
                form=WordsForm,
                help=_("Say how. The block is lifted, unless something else needs it."),
            ),
            Act(
                code="note",
                label=_("Write a note for colleagues"),
                done=_("The note is kept. The person does not see it."),
                allowed=lambda standing: standing.request.is_open,
                run=_with_text(services.note),
                form=WordsForm,
            ),
            Act(
                code="release",
                label=_("Put it back"),
                done=_("The request is in the queue again."),
                allowed=lambda standing: standing.is_mine_to_work,
                run=_simply(services.release),
            ),
        )
    }
)


def allowed(standing: Standing, *, may_act: bool) -> list[Act]:
    if not may_act or standing.request.subject.destroyed_at:
        return []
    return [act for act in ACTS.values() if act.allowed(standing)]

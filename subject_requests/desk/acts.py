"""The buttons of one request. Each is a row: when it is there, what it asks for, and which act it is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from personal_data.errors import Destroyed
from processing_log.actors import Actor
from subject_requests import answering, drafts, services
from subject_requests.forms import AnswerForm, ExtensionForm, QuestionForm, RefusalForm, WidenForm, WordsForm
from subject_requests.kinds import Identity, State
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
    services.identify(**_ids(standing), identity=Identity.DOCUMENT)


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
                run=_simply(services.check_authority),
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

#: What may stand in the way of an act, in words for whoever pressed the button.
OBSTACLES: Final[Mapping[type[Exception], Words]] = MappingProxyType(
    {
        Destroyed: _("The person's data is destroyed; there is nobody to answer."),
        services.NotFree: _("Somebody else has taken this request, or it is closed."),
        services.NotInYourHands: _("Only the one who has taken the request closes it, and only once."),
        services.NotOpen: _("The request is closed."),
        services.NotProposed: _("No refusal waits any longer."),
        services.NotTheSecondPerson: _("A refusal is confirmed by somebody else; one of the two is a privacy officer."),
        services.NoMoreTime: _("The term cannot be made longer: it was, or it is over."),
        services.WhoIsIt: _(
            "It is not established who asks, or by what right. Check that first; nothing was disclosed."
        ),
        services.ProofMissing: _("A value needs proof: see the document first, then answer."),
        services.WillBeDestroyed: _("The data will be destroyed; the block stays until then."),
        services.NobodyToWriteTo: _("No address is held that advertising could go to; write an answer all the same."),
        services.AlreadyAsked: _("A request to destroy everything is open already."),
        services.WrongNorm: _("This norm does not allow refusing what was asked."),
        services.NothingWritten: pgettext_lazy("request", "Words are needed."),
    }
)


def allowed(standing: Standing, *, may_act: bool) -> list[Act]:
    if not may_act or standing.request.subject.destroyed_at:
        return []
    return [act for act in ACTS.values() if act.allowed(standing)]

"""The desk's pages that decide: holds, large runs; and the act of a run, to take away."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from access.requests import SignedInRequest
from access.roles import Role
from law import clock
from looks.templatetags.looks import localdate
from personal_data.errors import Destroyed
from retention import acts, guard, holds
from retention.forms import HoldForm
from retention.models import Ground, Hold, MassRun, Run

P = ParamSpec("P")
ONE_HOLD: Final = "admin:retention_hold_change"
ONE_QUESTION: Final = "admin:retention_massrun_change"
#: Privacy officers decide; the second one may be the administrator, where a company has one officer.
DECIDING: Final = frozenset({Role.OFFICER, Role.ADMIN})
WHY_NOT: Final[dict[type[Exception], str | Promise]] = {
    holds.HeldAlready: gettext_lazy("A hold by this norm stands already."),
    holds.NothingIsDue: gettext_lazy("No term runs for this person, so there is nothing to destroy."),
    holds.SecondPersonNeeded: gettext_lazy("Whoever placed the hold cannot confirm it. A second person has to look."),
    holds.NoHold: gettext_lazy("The hold is over already."),
    Destroyed: gettext_lazy("The person's data is destroyed already."),
    guard.SecondPersonNeeded: gettext_lazy("You have agreed already. A second person has to look."),
    guard.NothingAsked: gettext_lazy("The question is answered, or older than a day: the next run asks anew."),
}


def may_decide(request: HttpRequest) -> bool:
    return getattr(request.user, "role", None) in DECIDING


def for_deciding(
    view: Callable[Concatenate[SignedInRequest, P], HttpResponse],
) -> Callable[Concatenate[SignedInRequest, P], HttpResponse]:
    @never_cache
    @wraps(view)
    def checked(request: SignedInRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not may_decide(request):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked


# --- holds ------------------------------------------------------------------------------------------------------------


@for_deciding
def place(request: SignedInRequest) -> HttpResponse:
    form = HoldForm(request.POST or None, initial={"subject": request.GET.get("subject", "")})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            hold = holds.place_hold(
                subject_id=given["subject"], ground=Ground(given["ground"]), until=form.ends_at,
                obstacle=given["obstacle"] if given["ground"] == Ground.IMPOSSIBLE else "",
                may_tell=not given["in_silence"], actor=request.user.actor, at=clock.now(),
            )  # fmt: skip
        except holds.TooLong as refused:
            form.add_error("until", _too_long(refused))
        except tuple(WHY_NOT) as refused:
            form.add_error(None, str(WHY_NOT[type(refused)]))
        else:
            messages.success(
                request, _("The hold works from now on, for three days until a second person confirms it.")
            )
            return redirect(ONE_HOLD, hold.pk)
    return TemplateResponse(request, "admin/retention/place.html", {**frame(request, _("Place a hold")), "form": form})


def _too_long(refused: holds.TooLong) -> str:
    if refused.limit_at is None:
        return _("The day is over already.")
    return _("Six months from the event are over on %(day)s: no hold of this kind may last longer.") % {
        "day": localdate(refused.limit_at)
    }


def show_hold(request: SignedInRequest, hold: Hold) -> HttpResponse:
    at = clock.now()
    tone, words = state_of_hold(hold, at)
    context = {
        **frame(request, str(hold._meta.verbose_name).capitalize()),
        "hold": hold, "tone": tone, "state": words, "ends_at": hold.ends_at(),
        "is_mine": str(hold.placed_by) == request.user.actor.id,
        "may_act": may_decide(request) and hold.is_in_force(at),
        "opts": Hold._meta,
    }  # fmt: skip
    return TemplateResponse(request, "admin/retention/hold.html", context)


def state_of_hold(hold: Hold, at: datetime) -> tuple[str, str]:
    """Tone and words; whoever sees no colour reads the words."""
    if not hold.is_in_force(at):
        return "info", _("over") if not hold.released_by else _("released")
    return ("warn", _("stands")) if hold.confirmed_at else ("bad", _("stands for three days, unconfirmed"))


@for_deciding
@require_POST
def confirm(request: SignedInRequest, hold_id: int) -> HttpResponse:
    return _act_on(request, hold_id, holds.confirm_hold, _("Confirmed: the hold works until its day."))


@for_deciding
@require_POST
def release(request: SignedInRequest, hold_id: int) -> HttpResponse:
    return _act_on(request, hold_id, holds.release_hold, _("Released: what is due goes with the next run."))


def _act_on(request: SignedInRequest, hold_id: int, act: Any, done: str) -> HttpResponse:
    get_object_or_404(Hold, pk=hold_id)
    try:
        act(hold_id=hold_id, actor=request.user.actor, at=clock.now())
    except tuple(WHY_NOT) as refused:
        messages.error(request, str(WHY_NOT[type(refused)]))
    else:
        messages.success(request, done)
    return redirect(ONE_HOLD, hold_id)


# --- large runs -------------------------------------------------------------------------------------------------------


def show_mass_run(request: SignedInRequest, asked: MassRun) -> HttpResponse:
    waiting = guard.waiting(clock.now())
    context = {
        **frame(request, str(asked._meta.verbose_name).capitalize()),
        "asked": asked, "opts": MassRun._meta,
        "percent": round(100 * asked.found / asked.living) if asked.living else 100,
        "may_agree": may_decide(request) and waiting == asked and str(asked.first_by) != request.user.actor.id,
    }  # fmt: skip
    return TemplateResponse(request, "admin/retention/mass_run.html", context)


@for_deciding
@require_POST
def agree(request: SignedInRequest, run_id: int) -> HttpResponse:
    get_object_or_404(MassRun, pk=run_id)
    try:
        asked = guard.agree(run_id=run_id, actor=request.user.actor, at=clock.now())
    except tuple(WHY_NOT) as refused:
        messages.error(request, str(WHY_NOT[type(refused)]))
    else:
        said = _("Agreed by both: the next run destroys.") if asked.is_agreed else _("Agreed. A second person has to.")
        messages.success(request, said)
    return redirect(ONE_QUESTION, run_id)


# --- the act ----------------------------------------------------------------------------------------------------------


@never_cache
@require_safe
def act(request: SignedInRequest, run_id: int, form: str) -> HttpResponse:
    """PDF, JSON, or the log's extract as CSV. Names nobody; taking it is an event all the same."""
    run = get_object_or_404(Run, pk=run_id)
    if form not in acts.FORMS or not run.destroyed:
        raise Http404
    return acts.answer(run, form, actor=request.user.actor, at=clock.now())


def frame(request: HttpRequest, title: str) -> dict[str, Any]:
    return {**admin.site.each_context(request), "title": title}

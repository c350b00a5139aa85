"""A person's own consents: read, give, confirm, withdraw."""

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from access.requests import SignedInRequest
from access.roles import Role
from access.rules import only
from consent import changes, mailbox, selectors, services, showing
from consent.forms import AnswerForm, ChoicesForm, ShownForm
from consent.models import Awaited
from consent.selectors import ConsentOfPerson, language_of
from consent.showing import Fault, Showing
from consent.standing import standing_of
from law import clock
from profiles import current

WHY_NOT_SHOWN: Final[dict[Fault, str | Promise]] = {
    Fault.UNKNOWN: gettext_lazy("Your answer came without the text it belongs to. Please read the text and decide."),
    Fault.ANOTHERS: gettext_lazy("Your answer belongs to another page. Please read this text and decide."),
    Fault.USED: gettext_lazy("This page was answered already. Please read the text again and decide anew."),
    Fault.EXPIRED: gettext_lazy("This page lay open for more than a day. Please read the text again and decide."),
}

WHY_NOT_GIVEN: Final[dict[type[Exception], str | Promise]] = {
    services.MayNotConsent: gettext_lazy("Your data is blocked, so no new consent can be given."),
    services.AlreadyInForce: gettext_lazy("You have given this consent already."),
    services.OnPaperOnly: gettext_lazy("This consent is given in writing only. Its page says how."),
    mailbox.AlreadyAwaited: gettext_lazy("We have sent you a mail already. Please follow the link in it."),
    mailbox.TooOften: gettext_lazy("We have sent you several mails already. Please try again later."),
}


@only(Role.USER)
@require_safe
def consents(request: HttpRequest) -> HttpResponse:
    subject_id = _subject_id(request)
    language = language_of(get_language())
    context = {
        "consents": standing_of(subject_id, language, at=clock.now()),
        "acknowledgements": selectors.acknowledgements_of(subject_id),
        "notice": changes.notice_for(subject_id, language),
        "holds": changes.holds_of(subject_id, language),
    }
    return render(request, "consent/consents.html", context)


@only(Role.USER)
@require_safe
def consent(request: SignedInRequest, slug: str) -> HttpResponse:
    """One text on a page of its own, with the one button that belongs to it."""
    if "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", "")):
        return HttpResponse(status=503)  # nobody looks yet, so nothing is shown; the browser asks again when they do
    return _page(request, _own_or_404(request, slug))


@only(Role.USER)
@require_POST
def give(request: SignedInRequest, slug: str) -> HttpResponse:
    own = _own_or_404(request, slug)
    if not own.is_offered:
        raise Http404
    form = AnswerForm(request.POST)
    row = own.shown.row
    choices = ChoicesForm(request.POST, purpose=current().purpose(row.purpose)) if row.dissemination else None
    if choices and not choices.is_valid():
        return _page(request, own, choices=choices)
    try:
        given = services.give_consent(
            purpose=row.purpose,
            nonce=form.cleaned_data["nonce"] if form.is_valid() else "",
            choices=choices.choices if choices else None,
            **_who_and_when(request),
        )
    except services.NotShown as refused:
        messages.warning(request, str(WHY_NOT_SHOWN[refused.fault]))
        return redirect("consents:consent", slug)
    except services.NotTheTextShown:
        messages.warning(request, _("The text has changed in the meantime. Please read the new one."))
        return redirect("consents:consent", slug)
    except tuple(WHY_NOT_GIVEN) as refusal:
        messages.warning(request, str(WHY_NOT_GIVEN[type(refusal)]))
    else:
        messages.success(request, _said(given))
    return redirect("consents:list")


@only(Role.USER)
@require_POST
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    own = _own_or_404(request, slug)
    waited = bool(mailbox.open_for(_subject_id(request), own.shown.row.purpose, clock.now()))
    try:
        services.withdraw_consent(purpose=own.shown.row.purpose, **_who_and_when(request))
    except services.NotInForce:
        said = _("Nothing waits for your answer any more. This consent was not given.")
        messages.info(request, said if waited else _("This consent is not in force."))
    else:
        messages.success(request, _("Your consent is withdrawn. From now on your data is not used for this purpose."))
    return redirect("consents:list")


@only(Role.USER)
@require_POST
def send_again(request: HttpRequest, slug: str) -> HttpResponse:
    own = _own_or_404(request, slug)
    try:
        mailbox.send_again(purpose=own.shown.row.purpose, **_who_and_when(request))
    except mailbox.NotAwaited:
        messages.info(request, _("Nothing waits for your answer here any more."))
    except mailbox.TooOften:
        messages.warning(
            request, _("We have just sent you a mail. Please wait ten minutes before you ask for another.")
        )
    except services.MayNotConsent:
        messages.error(request, _("Your data is blocked, so no new consent can be given."))
    else:
        messages.success(request, _("The mail is sent again."))
    return redirect("consents:list")


@only(Role.USER)
@require_POST
def acknowledge(request: HttpRequest) -> HttpResponse:
    form = ShownForm(request.POST)
    try:
        if not form.is_valid():
            raise services.NotTheTextShown("policy")
        services.acknowledge_policy(shown=form.cleaned_data["shown"], **_who_and_when(request))
    except services.NotTheTextShown:
        messages.warning(request, _("The policy has changed in the meantime. Please read the new version."))
    except services.MayNotConsent:
        messages.error(request, _("Your data is blocked, so nothing new is registered."))
    else:
        messages.success(request, _("Thank you. It is registered that you have read the policy."))
    return redirect("consents:list")


def _page(request: SignedInRequest, own: ConsentOfPerson, choices: ChoicesForm | None = None) -> HttpResponse:
    subject_id, at = _subject_id(request), clock.now()
    hold = changes.hold_of(subject_id, own.shown.row.purpose, own.shown.language) if own.is_on_hold else None
    may_be_given = hold.may_renew if hold else own.may_be_given
    awaited = mailbox.open_for(subject_id, own.shown.row.purpose, at) if may_be_given else None
    shown, may_give = None, True
    if may_be_given and not awaited and own.shown.row.form == "click":
        shown, may_give = _show(request, own)
    if choices is None and may_be_given and own.shown.row.dissemination:
        choices = ChoicesForm(purpose=current().purpose(own.shown.row.purpose))
    context = {
        "own": own,
        "shown": own.shown,
        "hold": hold,
        "may_be_given": may_be_given,
        "awaited": awaited,
        "showing": shown,
        "may_give": may_give,
        "choices": choices,
    }
    return render(request, "consent/consent.html", context)


def _show(request: SignedInRequest, own: ConsentOfPerson) -> tuple[Showing | None, bool]:
    """To look is a HEAD too; to be shown something takes a GET."""
    if request.method == "HEAD":
        return None, True
    try:
        return showing.show(shown=own.shown, **_who_and_when(request)), True
    except services.MayNotConsent:
        return None, False


def _said(given: object) -> str:
    if isinstance(given, Awaited):
        return _("One step is left: we have sent you a mail. The consent counts when you follow the link in it.")
    return _("Your consent is registered. You can withdraw it here at any moment.")


def _who_and_when(request: HttpRequest) -> dict[str, Any]:
    assert request.user.is_authenticated
    return {"subject_id": request.user.subject_id, "actor": request.user.actor, "at": clock.now()}


def _subject_id(request: HttpRequest) -> UUID:
    assert request.user.is_authenticated
    return request.user.subject_id


def _own_or_404(request: HttpRequest, slug: str) -> ConsentOfPerson:
    for own in selectors.consents_of(_subject_id(request), language_of(get_language())):
        if own.shown.row.slug == slug:
            return own
    raise Http404

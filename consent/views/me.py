"""A person's own consents: read, give, withdraw."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from access.roles import Role
from access.rules import only
from consent import changes, selectors, services
from consent.forms import ShownForm
from consent.selectors import ConsentOfPerson, language_of
from law import clock


@only(Role.USER)
@require_safe
def consents(request: HttpRequest) -> HttpResponse:
    subject_id = _subject_id(request)
    language = language_of(get_language())
    context = {
        "consents": selectors.consents_of(subject_id, language),
        "acknowledgements": selectors.acknowledgements_of(subject_id),
        "notice": changes.notice_for(subject_id, language),
        "holds": changes.holds_of(subject_id, language),
    }
    return render(request, "consent/consents.html", context)


@only(Role.USER)
@require_safe
def consent(request: HttpRequest, slug: str) -> HttpResponse:
    """One text on a page of its own, with the one button that belongs to it."""
    own = _own_or_404(request, slug)
    hold = None
    if own.is_on_hold:
        held = changes.holds_of(_subject_id(request), own.shown.language)
        hold = next((each for each in held if each.entry.purpose == own.shown.row.purpose), None)
    return render(request, "consent/consent.html", {"own": own, "shown": own.shown, "hold": hold})


@only(Role.USER)
@require_POST
def give(request: HttpRequest, slug: str) -> HttpResponse:
    own = _own_or_404(request, slug)
    form = ShownForm(request.POST)
    try:
        if not form.is_valid():
            raise services.NotTheTextShown(slug)
        services.give_consent(purpose=own.shown.row.purpose, shown=form.cleaned_data["shown"], **_who_and_when(request))
    except services.NotTheTextShown:
        messages.warning(request, _("The text has changed in the meantime. Please read the new one."))
        return redirect("consents:consent", slug)
    except services.MayNotConsent:
        messages.error(request, _("Your data is blocked, so no new consent can be given."))
    except services.AlreadyInForce:
        messages.info(request, _("You have given this consent already."))
    else:
        messages.success(request, _("Your consent is registered. You can withdraw it here at any moment."))
    return redirect("consents:list")


@only(Role.USER)
@require_POST
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    own = _own_or_404(request, slug)
    try:
        services.withdraw_consent(purpose=own.shown.row.purpose, **_who_and_when(request))
    except services.NotInForce:
        messages.info(request, _("This consent is not in force."))
    else:
        messages.success(request, _("Your consent is withdrawn. From now on your data is not used for this purpose."))
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

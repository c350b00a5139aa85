"""The desk's pages of drafts: begin, write beside the linter's findings, hand over, and publish as a second person."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from access.requests import SignedInRequest
from access.roles import DESK_ROLES, Role
from consent import changes, drafting, reach
from consent.differences import between
from consent.drafts import POLICY, Draft
from consent.forms import BeginDraftForm, DraftForm
from consent.models import ConsentTextVersion, PolicyVersion
from consent.selectors import language_of
from law import clock
from profiles import current

P = ParamSpec("P")
View = Callable[Concatenate[SignedInRequest, P], HttpResponse]
ALL: Final = "admin:consent_draft_changelist"
ONE: Final = "admin:consent_draft_change"
#: Policies are the officer's; an administrator may be the second pair of eyes.
WRITING: Final = frozenset({Role.OFFICER})
PUBLISHING: Final = frozenset({Role.OFFICER, Role.ADMIN})


def may_look(request: HttpRequest) -> bool:
    return getattr(request.user, "role", None) in DESK_ROLES


def may_write(request: HttpRequest) -> bool:
    return getattr(request.user, "role", None) in WRITING


def may_publish(request: HttpRequest) -> bool:
    return getattr(request.user, "role", None) in PUBLISHING


def _for(allowed: Callable[[HttpRequest], bool]) -> Callable[[View[P]], View[P]]:
    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def checked(request: SignedInRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not allowed(request):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return checked

    return decorate


def title_of(document: str) -> str:
    if document == POLICY:
        return _("Personal data policy")
    purpose = current().purposes.get(document)
    return purpose.title.in_language(get_language() or "ru") if purpose else document


@never_cache
@require_http_methods(["GET", "POST"])
@_for(may_write)
def begin(request: SignedInRequest) -> HttpResponse:
    choices = [(code, title_of(code)) for code in drafting.documents_to_draft()]
    form = BeginDraftForm(request.POST or None, documents=choices)
    if form.is_valid():
        try:
            draft = drafting.begin_draft(**form.cleaned_data, actor=request.user.actor, at=clock.now())
        except drafting.DraftedAlready:
            form.add_error("document", _("A draft of this text is open already; one at a time."))
        except drafting.NoSuchDocument:
            form.add_error("document", _("There is no published version of this text to go on from."))
        else:
            return redirect(ONE, draft.pk)
    context = {**_frame(request, _("New draft")), "form": form}
    return TemplateResponse(request, "admin/consent/draft/begin.html", context)


def show(request: SignedInRequest, draft: Draft, form: DraftForm | None = None) -> TemplateResponse:
    """Whoever writes it sees fields beside the findings; everybody else what it would change."""
    language = language_of(get_language())
    reviewed = drafting.review(draft, at=clock.now()) if draft.is_open else None
    is_author = draft.author == request.user.pk
    is_written = draft.state == Draft.State.WRITTEN
    initial = {"effective_on": draft.effective_on, "text_ru": draft.text_ru, "text_en": draft.text_en}
    context = {
        **_frame(request, _("%(document)s, version %(number)s") % _named(draft)),
        "draft": draft,
        "document": title_of(draft.document),
        "is_author": is_author,
        "review": reviewed,
        "refusals": _refusals(reviewed),
        "may_edit": is_written and is_author and may_write(request),
        "form": form or DraftForm(initial=initial),
        "may_drop": draft.is_open and may_write(request),
        "may_publish": draft.state == Draft.State.SUBMITTED and may_publish(request) and not is_author,
        "may_give_back": draft.state == Draft.State.SUBMITTED and may_publish(request),
        "published_at": _address_of(draft),
        **(_what_follows(draft, reviewed, language) if reviewed else {}),
    }
    return TemplateResponse(request, "admin/consent/draft/one.html", context)


@never_cache
@require_POST
@_for(may_write)
def save(request: SignedInRequest, draft_id: UUID) -> HttpResponse:
    """Saves, and with the second button hands over what was saved."""
    draft = get_object_or_404(Draft, pk=draft_id)
    form = DraftForm(request.POST)
    if not form.is_valid():
        return show(request, draft, form)
    who = {"draft_id": draft.pk, "actor": request.user.actor, "at": clock.now()}
    try:
        drafting.change_draft(**form.texts(), **who)  # type: ignore[arg-type]
        if "submit" in request.POST:
            drafting.submit_draft(**who)  # type: ignore[arg-type]
            messages.success(request, _("Handed over. A second person can publish it now."))
        else:
            messages.success(request, _("The draft is saved."))
    except drafting.HasFindings:
        messages.error(request, _("The draft is saved, and not handed over: see the findings that refuse it."))
    except drafting.NotTheAuthor:
        messages.error(request, _("Only the one who began the draft writes it."))
    except drafting.NotNow:
        messages.error(request, _("Somebody was quicker: the draft is in another state now."))
    return redirect(ONE, draft.pk)


@require_POST
@_for(may_publish)
def publish(request: SignedInRequest, draft_id: UUID) -> HttpResponse:
    draft = get_object_or_404(Draft, pk=draft_id)
    try:
        seen = request.POST.get("seen", "")
        done = drafting.publish_draft(draft_id=draft.pk, seen=seen, actor=request.user.actor, at=clock.now())
    except drafting.TheAuthor:
        messages.error(request, _("Nobody publishes a text of their own: a second person has to."))
    except drafting.NotWhatWasRead:
        messages.error(request, _("Not published: the text was changed since you opened it. Please read this one."))
    except drafting.HasFindings:
        messages.error(request, _("Not published: see the findings that refuse it."))
    except drafting.NotNow:
        messages.error(request, _("Somebody was quicker: the draft is in another state now."))
    else:
        held = sum(each.held for each in done.settled)
        messages.success(request, _("%(document)s, version %(number)s, is published.") % _named(draft))
        if held:
            words = ngettext(
                "%(count)s person’s consent is on hold until they consent anew.",
                "Consents of %(count)s people are on hold until they consent anew.",
                held,
            )
            messages.warning(request, words % {"count": held})
    return redirect(ONE, draft.pk)


@require_POST
@_for(may_publish)
def give_back(request: SignedInRequest, draft_id: UUID) -> HttpResponse:
    draft = get_object_or_404(Draft, pk=draft_id)
    try:
        drafting.give_back_draft(draft_id=draft.pk, actor=request.user.actor, at=clock.now())
    except drafting.NotNow:
        messages.error(request, _("Somebody was quicker: the draft is in another state now."))
    else:
        messages.success(request, _("The draft is back with its author."))
    return redirect(ONE, draft.pk)


@require_POST
@_for(may_write)
def drop(request: SignedInRequest, draft_id: UUID) -> HttpResponse:
    draft = get_object_or_404(Draft, pk=draft_id)
    try:
        drafting.drop_draft(draft_id=draft.pk, actor=request.user.actor, at=clock.now())
    except drafting.NotNow:
        messages.error(request, _("Somebody was quicker: the draft is in another state now."))
        return redirect(ONE, draft.pk)
    messages.success(request, _("The draft is dropped. What was published stays as it is."))
    return redirect(ALL)


def _what_follows(draft: Draft, reviewed: drafting.Review, language: str) -> dict[str, Any]:
    """What the version would change in words, and in the processing of data."""
    before = drafting.newest(draft.document)
    if before is None:
        return {}
    old, new = before.document, reviewed.document
    follows: dict[str, Any] = {
        "before": before,
        "difference": between(old.ru, new.ru),
        "difference_en": between(old.en, new.en),
    }
    if isinstance(before, PolicyVersion):
        follows["reach"] = changes.changes_since(before, language)
    else:
        follows["waiting"] = reach.on_hold().filter(purpose=draft.document).count()
    return follows


def _address_of(draft: Draft) -> str:
    """Where the version stands that the draft became."""
    version = (
        PolicyVersion.objects.filter(draft=draft).first() or ConsentTextVersion.objects.filter(draft=draft).first()
    )
    return reverse("privacy:by_hash", args=[version.sha256]) if version else ""


def _refusals(reviewed: drafting.Review | None) -> int:
    if reviewed is None:
        return 0
    return sum(finding.refuses for finding in (*reviewed.russian, *reviewed.english, *reviewed.both))


def _named(draft: Draft) -> dict[str, str | int]:
    return {"document": title_of(draft.document), "number": draft.number}


def _frame(request: HttpRequest, title: str) -> dict[str, Any]:
    return {**admin.site.each_context(request), "title": title, "opts": Draft._meta}

"""The desk's pages of consents on paper and by telephone: enter, look at with a reason, confirm or refuse."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Final, ParamSpec
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from access.requests import SignedInRequest
from access.roles import DESK_ROLES, Role
from consent import paper_services, selectors, services, terms
from consent.forms import ChoicesForm
from consent.in_force import day_of
from consent.models import ConsentTextVersion, PaperConsent, PaperScan, Term
from consent.paper_forms import EnterForm, OpenForm, PaperRefusalForm
from consent.papers import PaperRefusal
from law import clock
from personal_data.models import Subject
from personal_data.scope import processing
from profiles import current

P = ParamSpec("P")
LIST: Final = "admin:consent_paperconsent_changelist"
ONE: Final = "admin:consent_paperconsent_change"
TERMS: Final = "admin:consent_term_changelist"
#: Those who take consents in; an administrator may look at the list.
ENTERING: Final = frozenset({Role.STAFF, Role.OFFICER})
SCANS: Final = ("document", "authority_document")
WHY_NOT: Final[dict[type[Exception], str | Promise]] = {
    paper_services.Incomplete: gettext_lazy(
        "Something that proves the consent is missing: the scan, who called, or all about the representative."
    ),
    paper_services.NotByThisWay: gettext_lazy("A call is not enough for this consent: it needs a signature on paper."),
    paper_services.NoAuthority: gettext_lazy("The document of authority had ended when the consent was received."),
    paper_services.SecondPersonNeeded: gettext_lazy("Whoever entered it cannot decide. A second person has to look."),
    paper_services.NotWaiting: gettext_lazy("It was decided already."),
    paper_services.EnteredAlready: gettext_lazy(
        "A consent of this person for the same purpose is entered already and waits for a second person."
    ),
    paper_services.Overtaken: gettext_lazy(
        "The person has withdrawn this consent, or objected to advertising, after this one was received. The newest "
        "word counts: refuse it."
    ),
    services.MayNotConsent: gettext_lazy("The person's data is blocked or destroyed, so nothing new can begin."),
    services.AlreadyInForce: gettext_lazy("The person's consent is in force already."),
    services.NotTheTextShown: gettext_lazy("This purpose needs no consent any more."),
}


def may_look(request: HttpRequest) -> bool:
    return getattr(request.user, "role", None) in DESK_ROLES


def may_enter(request: HttpRequest) -> bool:
    return getattr(request.user, "role", None) in ENTERING


def _for_entering(
    view: Callable[Concatenate[SignedInRequest, P], HttpResponse],
) -> Callable[Concatenate[SignedInRequest, P], HttpResponse]:
    @never_cache
    @wraps(view)
    def checked(request: SignedInRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not may_enter(request):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked


@_for_entering
def enter(request: SignedInRequest, subject_id: UUID) -> HttpResponse:
    """First the text that was signed, then what proves it."""
    get_object_or_404(Subject, pk=subject_id, destroyed_at=None)
    texts = _texts()
    text = next((one for one in texts if str(one.pk) == request.GET.get("text")), None)
    context = {**_frame(request, _("Enter a consent")), "subject_id": subject_id}
    if text is None:
        shown = [selectors.show_consent(one, selectors.language_of(get_language())) for one in texts]
        return TemplateResponse(request, "admin/consent/choose_text.html", {**context, "shown": shown})
    form = EnterForm(request.POST or None, request.FILES or None)
    choices = ChoicesForm(request.POST or None, purpose=current().purpose(text.purpose)) if text.dissemination else None
    if request.method == "POST" and form.is_valid() and (choices is None or choices.is_valid()):
        chosen = {category: list(choice) for category, choice in choices.choices.items()} if choices else {}
        entering = form.entering(subject_id=subject_id, text_id=text.pk, choices=chosen)
        try:
            paper = paper_services.enter(entering, actor=request.user.actor, at=clock.now())
        except tuple(WHY_NOT) as refused:
            form.add_error(None, str(WHY_NOT[type(refused)]))
        else:
            messages.success(request, _("Entered. It counts when a second person has confirmed it."))
            return redirect(ONE, paper.pk)
    signed = selectors.show_consent(text, selectors.language_of(get_language()))
    return TemplateResponse(
        request, "admin/consent/enter.html", {**context, "form": form, "choices": choices, "shown": signed}
    )


def show(request: SignedInRequest, paper: PaperConsent) -> HttpResponse:
    return _page(request, paper)


@never_cache
@require_POST
def reveal(request: SignedInRequest, paper_id: UUID) -> HttpResponse:
    """The names, opened once for a reason."""
    paper = _found(request, paper_id)
    form = OpenForm(request.POST)
    if not form.is_valid():
        return _page(request, paper, open_form=form)
    with processing("rights", actor=request.user.actor, reason=form.cleaned_data["reason"]):
        scan = PaperScan.objects.filter(paper=paper).first()
        names = [(_("who called"), scan.caller), (_("name of the representative"), scan.representative)] if scan else []
        return _page(request, paper, names=[(label, name) for label, name in names if name]).render()


@never_cache
@require_POST
def scan(request: SignedInRequest, paper_id: UUID, which: str) -> HttpResponse:
    """The scan itself, to take away; the reason is in the log, and the person sees it."""
    paper = _found(request, paper_id)
    form = OpenForm(request.POST)
    if which not in SCANS:
        raise Http404
    if not form.is_valid():
        return _page(request, paper, open_form=form)
    with processing("rights", actor=request.user.actor, reason=form.cleaned_data["reason"]):
        row = get_object_or_404(PaperScan, paper=paper)
        file = getattr(row, which)
        if file is None:
            raise Http404
        response = HttpResponse(file.read(), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="consent-{paper.pk}{_suffix(file.name)}"'
    return response


@_for_entering
@require_POST
def confirm(request: SignedInRequest, paper_id: UUID) -> HttpResponse:
    paper = _found(request, paper_id)
    try:
        paper_services.confirm(paper_id=paper.pk, actor=request.user.actor, at=clock.now())
    except tuple(WHY_NOT) as refused:
        messages.error(request, str(WHY_NOT[type(refused)]))
    else:
        messages.success(request, _("Confirmed: the consent is in force."))
    return redirect(ONE, paper.pk)


@_for_entering
@require_POST
def refuse(request: SignedInRequest, paper_id: UUID) -> HttpResponse:
    paper = _found(request, paper_id)
    form = PaperRefusalForm(request.POST)
    if not form.is_valid():
        return _page(request, paper, refusal_form=form)
    try:
        why = PaperRefusal(form.cleaned_data["why"])
        paper_services.refuse(paper_id=paper.pk, why=why, actor=request.user.actor, at=clock.now())
    except tuple(WHY_NOT) as refused:
        messages.error(request, str(WHY_NOT[type(refused)]))
    else:
        messages.success(request, _("Refused: nothing is in force."))
    return redirect(ONE, paper.pk)


@_for_entering
@require_POST
def meet(request: SignedInRequest, term_id: int) -> HttpResponse:
    """Those who process for the operator have stopped, or the conditions are published."""
    get_object_or_404(Term, pk=term_id)
    try:
        terms.meet(term_id=term_id, actor=request.user.actor, at=clock.now())
    except terms.NotRunning:
        messages.error(request, _("This term is met already, or meets itself."))
    else:
        messages.success(request, _("Noted: the term is met."))
    return redirect(TERMS)


def _page(
    request: HttpRequest,
    paper: PaperConsent,
    *,
    names: list[tuple[str, str]] | None = None,
    open_form: OpenForm | None = None,
    refusal_form: PaperRefusalForm | None = None,
) -> TemplateResponse:
    is_gone = paper.subject.destroyed_at is not None
    may_decide = paper.is_waiting and may_enter(request) and not is_gone
    context = {
        **_frame(request, _("Consent on paper or by telephone")),
        "paper": paper,
        "shown": selectors.show_consent(paper.text, selectors.language_of(get_language())),
        "is_gone": is_gone,
        "names": names,
        "is_mine": str(paper.author) == str(request.user.pk),
        "may_decide": may_decide and str(paper.author) != str(request.user.pk),
        "open_form": open_form or OpenForm(),
        "refusal_form": refusal_form or PaperRefusalForm(),
    }
    return TemplateResponse(request, "admin/consent/paper.html", context)


def _frame(request: HttpRequest, title: str) -> dict[str, object]:
    return {**admin.site.each_context(request), "title": title, "opts": PaperConsent._meta}


def _texts() -> list[ConsentTextVersion]:
    """Every version that is or was in use: whoever signed yesterday signed yesterday's."""
    codes = [code for code, purpose in current().purposes.items() if purpose.needs_consent]
    texts = ConsentTextVersion.objects.filter(purpose__in=codes, effective_on__lte=day_of(clock.now()))
    return list(texts.order_by("purpose", "-version"))


def _found(request: HttpRequest, paper_id: UUID) -> PaperConsent:
    if not may_look(request):
        raise PermissionDenied
    return get_object_or_404(PaperConsent.objects.select_related("text", "subject"), pk=paper_id)


def _suffix(name: str) -> str:
    """Of the file's name only its kind leaves the sealed value."""
    suffix = name.rpartition(".")[2].lower()
    return f".{suffix}" if suffix in {"pdf", "png", "jpg", "jpeg"} else ""

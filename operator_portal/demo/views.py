"""The back stage of the embedded demo: sign-ins, the mails that were sent, the clock. Mounted only when DEMO is set."""

from csp.decorators import csp_replace
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from access.rules import open_to_all
from law import clock
from looks.samples import samples
from operator_portal.demo import another_system, mailbox, news, people, timetable
from operator_portal.demo.forms import MoveClockForm
from processing_log import partitions

PER_PAGE = 25


@open_to_all
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    context = {
        "accounts": people.ACCOUNTS,
        "password": people.password(),
        "now": clock.now(),
        "is_shifted": bool(clock.shift()),
        "form": MoveClockForm(),
        "has_news": news.is_possible(),
        "question": another_system.question(),
    }
    return render(request, "demo/home.html", context)


@open_to_all
@require_POST
def move_clock(request: HttpRequest) -> HttpResponse:
    form = MoveClockForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose by how many days the clock is to move."))
        return redirect("demo:home")
    try:
        partitions.make_partitions(first=(clock.now() + form.span()).date())
        clock.move(by=form.span())
    except clock.TooFar:
        messages.error(request, _("The demo's clock cannot go further ahead. Start a new demo with `make clean run`."))
        return redirect("demo:home")
    timetable.hurry()
    messages.success(request, _("The clock has moved. What became due is being done now."))
    return redirect("demo:home")


@open_to_all
@require_POST
def send_news(request: HttpRequest) -> HttpResponse:
    number = news.send_news(clock.now()) if news.is_possible() else 0
    if number:
        words = ngettext(
            "The news is on its way to %(number)s person who agreed to advertising.",
            "The news is on its way to %(number)s people who agreed to advertising.",
            number,
        )
        messages.success(request, words % {"number": number})
    else:
        messages.info(request, _("Nobody has agreed to advertising, so nothing was sent."))
    return redirect("demo:mail")


@open_to_all
@require_GET
def mail(request: HttpRequest) -> HttpResponse:
    page = Paginator(mailbox.sent(), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "demo/mail.html", {"page": page, "mails": page.object_list})


@open_to_all
@require_GET
def mail_message(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "demo/mail_message.html", {"mail": _find(name)})


@open_to_all
@require_GET
@csp_replace({"style-src": ["'unsafe-inline'"], "script-src": ["'none'"]})  # type: ignore[arg-type]
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    """As a mail program would show it; a mail's styles are in its tags."""
    return HttpResponse(_find(name).html)


@open_to_all
@require_GET
def components(request: HttpRequest) -> HttpResponse:
    return render(request, "demo/components.html", samples())


def _find(name: str) -> mailbox.SentMail:
    found = mailbox.find(name)
    if found is None:
        raise Http404
    return found

"""The page behind the link of a confirming mail. Opening it changes nothing, however often a scanner does; the button
does."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from access.rules import open_to_all
from consent import mailbox, services
from consent.selectors import language_of, show_consent
from law import clock
from processing_log.actors import Actor


@open_to_all
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, code: str) -> HttpResponse:
    awaited = mailbox.by_code(code, clock.now())
    if awaited is None:
        return _pressed_again(request, code) if request.method == "POST" else _closed(request)
    if request.method != "POST":
        shown = show_consent(awaited.served.text, language_of(get_language()))
        return render(request, "consent/by_mail.html", {"awaited": awaited, "shown": shown, "code": code})
    try:
        entry = mailbox.confirm(code=code, actor=Actor.stranger(), at=clock.now())
    except (mailbox.NotAwaited, services.AlreadyInForce):
        return _pressed_again(request, code)
    except services.NotTheTextShown:
        return render(request, "consent/by_mail_done.html", {"state": "changed", "slug": awaited.served.text.slug})
    except services.MayNotConsent:
        return render(request, "consent/by_mail_done.html", {"state": "blocked"})
    return render(request, "consent/by_mail_done.html", {"state": "given", "slug": entry.text.slug})


@open_to_all
@never_cache
@require_POST
def decline(request: HttpRequest, code: str) -> HttpResponse:
    awaited = mailbox.by_code(code, clock.now())
    if awaited is None:
        return _closed(request)
    mailbox.decline(subject_id=awaited.subject_id, purpose=awaited.purpose, actor=Actor.stranger(), at=clock.now())
    return render(request, "consent/by_mail_done.html", {"state": "declined"})


def _pressed_again(request: HttpRequest, code: str) -> HttpResponse:
    given = mailbox.was_confirmed(code)
    if given is None:
        return _closed(request)
    return render(request, "consent/by_mail_done.html", {"state": "given", "slug": given.text.slug})


def _closed(request: HttpRequest) -> HttpResponse:
    """Not said: whether there ever was such a link."""
    return render(request, "consent/by_mail_done.html", {"state": "closed"}, status=410)

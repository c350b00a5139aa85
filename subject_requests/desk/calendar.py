"""What a calendar program asks for: it can't sign in, so the address is the key."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from access.rules import open_to_all
from law import clock
from subject_requests import calendar_feed


@require_safe
@open_to_all
@never_cache
def calendar(request: HttpRequest, code: str) -> HttpResponse:
    user_id = calendar_feed.owner_of(code)
    if user_id is None:
        raise Http404
    with translation.override("ru"):
        text = calendar_feed.render(user_id=user_id, at=clock.now())
    return HttpResponse(text, content_type="text/calendar; charset=utf-8")

"""The page of figures, and the same as a file."""

from collections.abc import Callable
from typing import Final

from django.http import HttpResponse, HttpResponseBadRequest
from django.template.response import TemplateResponse
from django.utils.dates import MONTHS_AP
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from access.requests import SignedInRequest
from law import clock
from looks.columns import Column, Series
from personal_data.scope import processing
from subject_requests import figures, figures_files, staff
from subject_requests.desk.guards import for_looking, frame
from subject_requests.facts import Fact
from subject_requests.figures import Figures

FILES: Final[dict[str, tuple[Callable[[Figures], bytes], str]]] = {
    "csv": (figures_files.as_csv, "text/csv; charset=utf-8"),
    "xlsx": (figures_files.as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@never_cache
@require_safe
@for_looking
def show(request: SignedInRequest) -> HttpResponse:
    found = figures.figures(at=clock.now())
    names = [f"{MONTHS_AP[month.first.month]} {month.first:%y}" for month in found.months]
    context = {
        **frame(request, _("Figures")),
        "figures": found,
        "volumes": [
            Series(title=_("Received"), columns=_columns(names, [month.received for month in found.months])),
            Series(title=_("Closed"), columns=_columns(names, [month.closed for month in found.months])),
        ],
        "days": [Series(title=_("Days"), columns=_columns(names, [month.days for month in found.months]))],
        "in_time": [Series(title=_("%"), columns=_columns(names, [m.share_in_time for m in found.months]))],
        "kinds": [(part.title, part.number) for part in found.kinds],
        "channels": [(part.title, part.number) for part in found.channels],
        "refusals": [(part.title, part.number) for part in found.refusals],
    }
    return TemplateResponse(request, "admin/subject_requests/request/figures.html", context)


@never_cache
@require_POST
@for_looking
def export(request: SignedInRequest) -> HttpResponse:
    asked = request.POST.get("format", "")
    if asked not in FILES:
        return HttpResponseBadRequest()
    make, content_type = FILES[asked]
    at = clock.now()
    with processing(staff.PURPOSE, actor=request.user.actor) as act:
        act.record(Fact.FIGURES_EXPORTED.value, reason=asked)
        content = make(figures.figures(at=at))
    name = f"requests-{at:%Y-%m-%d}.{asked}"
    return HttpResponse(
        content, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _columns(names: list[str], values: list[int] | list[float | None]) -> list[Column]:
    return [Column(label=name, value=value) for name, value in zip(names, values, strict=True)]

"""`/metrics`: figures for whoever watches the portal, as OpenMetrics text. Numbers alone, of nobody.

Open to a caller who shows METRICS_TOKEN; without one set there is no such page. The figures come from the monitors,
which share no line with the jobs that they watch."""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from access.rules import by_key
from law import clock
from retention import monitor

TYPE: Final = "application/openmetrics-text; version=1.0.0; charset=utf-8"


@dataclass(frozen=True, kw_only=True)
class Gauge:
    name: str
    help: str
    value: float

    def lines(self) -> Iterator[str]:
        yield f"# TYPE {self.name} gauge"
        yield f"# HELP {self.name} {self.help}"
        yield f"{self.name} {self.value:g}"


@by_key
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not settings.METRICS_TOKEN:
        raise Http404
    if not _may_look(request):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    text = "\n".join(line for gauge in _gauges() for line in gauge.lines())
    return HttpResponse(f"{text}\n# EOF\n", content_type=TYPE)


def _may_look(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode())


def _gauges() -> Iterator[Gauge]:
    seen = monitor.figures(clock.now())
    for name, words, value in (
        ("due", "People whose term is over and who are still there.", seen.due),
        ("due_oldest_seconds", "How long the oldest of them has been due.", seen.due_oldest_seconds),
        ("held", "People whose term is over and whom a hold keeps.", seen.held),
        ("overdue", "People who should be gone by the promise of the policy and are not.", seen.overdue),
        ("unfinished", "Files and ledger lines that a destruction still owes.", seen.unfinished),
        ("mass_runs_waiting", "Large runs that wait for two people.", seen.mass_runs_waiting),
        ("last_run_timestamp_seconds", "When the last run that found somebody ended.", seen.last_run_finished_seconds),
        ("failures", "People whom runs could not destroy, over all runs.", seen.failures),
    ):
        yield Gauge(name=f"portal_destruction_{name}", help=words, value=float(value))
    yield Gauge(
        name="portal_log_months_overdue",
        help="Months of the log that are past its term by more than a week and are still there.",
        value=float(seen.log_months_overdue),
    )

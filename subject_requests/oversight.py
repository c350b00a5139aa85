"""What the auditor's desk asks this room: which events a request's number means, and who had a request open when."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from django.db.models import Q

from processing_log.unusual import Span
from subject_requests.models import Request


def events_of(number: str) -> Q | None:
    found = Request.objects.filter(number=number).values_list("subject_id", "about_id").first()
    if found is None:
        return None
    return Q(subject__in=[*filter(None, found)], reason__contains=number)


def open_requests(subjects: Collection[UUID]) -> Mapping[UUID, Sequence[Span]]:
    wanted = set(subjects)
    spans: defaultdict[UUID, list[Span]] = defaultdict(list)
    rows = Request.objects.filter(Q(subject_id__in=wanted) | Q(about_id__in=wanted))
    for subject, about, since, until in rows.values_list("subject_id", "about_id", "received_at", "closed_at"):
        for each in {subject, about} & wanted:
            spans[each].append(Span(since=since, until=until))
    return spans

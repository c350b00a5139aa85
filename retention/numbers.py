"""Which events the number of an act means, or that of one of its lines."""

import re
from typing import Final

from django.db.models import Q

from retention.facts import Fact
from retention.models import Destruction, Run

_ACT: Final = re.compile(r"\d{4}-([1-9]\d{0,8})")
_LINE: Final = re.compile(r"(\d{4})-(\d{6,9})")


def events_of(number: str) -> Q | None:
    subjects: list[object] = []
    if found := _ACT.fullmatch(number):
        from retention.acts import number_of

        run = Run.objects.filter(pk=int(found[1])).first()
        if run and number_of(run) == number:
            subjects += run.destructions.values_list("subject", flat=True)
    if found := _LINE.fullmatch(number):
        lines = Destruction.objects.filter(year=int(found[1]), running=int(found[2]))
        subjects += lines.values_list("subject", flat=True)
    return Q(subject__in=subjects, fact=Fact.SUBJECT_DESTROYED.value) if subjects else None

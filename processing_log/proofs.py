"""Small exports that prove themselves, made while somebody waits: of one event, or of all about one person."""

import tempfile
from pathlib import Path
from typing import Final

from django.http import HttpResponse

from law import clock
from processing_log import packages, services
from processing_log.actors import Actor
from processing_log.export import CONTENT_TYPES, Format
from processing_log.filters import LogFilter
from processing_log.models import Checkpoint, Event, Leaf
from processing_log.packages import NothingSigned
from processing_log.sampling import Sample
from processing_log.scopes import Scope

__all__ = ["NothingSigned", "index_of", "is_signed", "of_event", "of_filter", "of_sample"]

NAME: Final = "log.zip"


def of_event(event: Event, *, within: Scope | None = None) -> HttpResponse:
    """Raises NothingSigned when it is under no checkpoint yet."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NAME
        packages.write_one(path, event, at=clock.now(), within=within)
        return _download(path.read_bytes(), f"event-{event.pk}.zip")


def of_filter(wanted: LogFilter, *, name: str) -> HttpResponse:
    """What is under the newest checkpoint. Raises NothingSigned when there is none."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NAME
        packages.write(path, wanted=wanted, since=None, at=clock.now())
        return _download(path.read_bytes(), name)


def of_sample(sample: Sample, *, wanted: LogFilter, number: int, actor: Actor) -> HttpResponse:
    """What was drawn when `number` were asked for. An event, like every export."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NAME
        services.sample_to_file(sample=sample, wanted=wanted, number=number, path=path, actor=actor)
        return _download(path.read_bytes(), f"sample-{sample.checkpoint.size}.zip")


def index_of(event: Event) -> int | None:
    """Its place in the tree, once it has one."""
    found = Leaf.objects.filter(event_id=event.pk, event_at=event.at)
    return found.values_list("index", flat=True).first()


def is_signed(index: int | None) -> bool:
    return index is not None and Checkpoint.objects.filter(size__gt=index).exists()


def _download(content: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type=CONTENT_TYPES[Format.ZIP], headers=headers)

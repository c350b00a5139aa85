"""How much may come in at once. Numbers are settings; the words name them."""

from dataclasses import dataclass

from django.conf import settings

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Limits:
    """`each` and `together` in bytes."""

    count: int
    each: int
    together: int

    @property
    def each_megabytes(self) -> int:
        return self.each // MEGABYTE

    @property
    def together_megabytes(self) -> int:
        return self.together // MEGABYTE


def of_attachments() -> Limits:
    return Limits(
        count=settings.ATTACHMENTS_COUNT,
        each=settings.ATTACHMENTS_EACH_MB * MEGABYTE,
        together=settings.ATTACHMENTS_TOGETHER_MB * MEGABYTE,
    )

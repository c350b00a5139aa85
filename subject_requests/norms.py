"""The norms by which a request may be refused. A refusal without one does not exist (152-FZ, article 20, part 2)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from subject_requests.kinds import RequestKind


@dataclass(frozen=True, kw_only=True)
class RefusalNorm:
    """`code` is what the row keeps; `reason` what the article means here, in words for the person."""

    code: str
    article: str | Promise
    reason: str | Promise
    kinds: frozenset[RequestKind]

    def __str__(self) -> str:
        return f"{self.article}: {self.reason}"


_ACCESS: Final = frozenset({RequestKind.ACCESS})
_ENDING: Final = frozenset({RequestKind.DESTRUCTION, RequestKind.UNNEEDED, RequestKind.WITHDRAWAL})
_WRONG_DATA: Final = frozenset(
    {RequestKind.DESTRUCTION, RequestKind.UNNEEDED, RequestKind.CLARIFICATION, RequestKind.BLOCKING}
)
_ALL: Final = frozenset(RequestKind)

NORMS: Final[Mapping[str, RefusalNorm]] = MappingProxyType(
    {
        norm.code: norm
        for norm in (
            RefusalNorm(
                code="152-FZ 14.8(4)",
                article=_("Personal Data Law, article 14, part 8, item 4"),
                reason=_("the answer would violate the rights and lawful interests of other people"),
                kinds=_ACCESS,
            ),
            RefusalNorm(
                code="152-FZ 14.6",
                article=_("Personal Data Law, article 14, part 6"),
                reason=_("the same was asked less than 30 days ago and answered in full"),
                kinds=_ACCESS,
            ),
            RefusalNorm(
                code="152-FZ 14.8(1)",
                article=_("Personal Data Law, article 14, part 8, item 1"),
                reason=_("the data is processed for defence, state security or law enforcement"),
                kinds=_ACCESS,
            ),
            RefusalNorm(
                code="152-FZ 14.8(2)",
                article=_("Personal Data Law, article 14, part 8, item 2"),
                reason=_("the data is processed by those who detained or charged the person"),
                kinds=_ACCESS,
            ),
            RefusalNorm(
                code="152-FZ 14.8(3)",
                article=_("Personal Data Law, article 14, part 8, item 3"),
                reason=_("the data is processed under the law against money laundering"),
                kinds=_ACCESS,
            ),
            RefusalNorm(
                code="152-FZ 14.8(5)",
                article=_("Personal Data Law, article 14, part 8, item 5"),
                reason=_("the data is processed under the law on transport security"),
                kinds=_ACCESS,
            ),
            RefusalNorm(
                code="152-FZ 21.5",
                article=_("Personal Data Law, article 21, part 5"),
                reason=_("the data must be kept longer on another basis that the law names"),
                kinds=_ENDING,
            ),
            RefusalNorm(
                code="152-FZ 14.1",
                article=_("Personal Data Law, article 14, part 1"),
                reason=_("the data is complete, lawfully obtained and needed for its stated purpose"),
                kinds=_WRONG_DATA,
            ),
            RefusalNorm(
                code="152-FZ 20.3",
                article=_("Personal Data Law, article 20, part 3"),
                reason=_("nothing shows that the data is incomplete, wrong or outdated"),
                kinds=frozenset({RequestKind.CLARIFICATION}),
            ),
            RefusalNorm(
                code="152-FZ 21.1",
                article=_("Personal Data Law, article 21, part 1"),
                reason=_("blocking would harm the person or others, or the check is over"),
                kinds=frozenset({RequestKind.BLOCKING, RequestKind.UNBLOCKING}),
            ),
            RefusalNorm(
                code="152-FZ 21.5.1",
                article=_("Personal Data Law, article 21, part 5.1"),
                reason=_("the processing rests on a contract or a law, not on consent"),
                kinds=frozenset({RequestKind.STOP_PROCESSING}),
            ),
            RefusalNorm(
                code="152-FZ 10.1.11",
                article=_("Personal Data Law, article 10.1, part 11"),
                reason=_("the data is public in the interests of the state or of society that the law names"),
                kinds=frozenset({RequestKind.STOP_DISSEMINATION}),
            ),
            RefusalNorm(
                code="152-FZ 16.1",
                article=_("Personal Data Law, article 16, part 1"),
                reason=_("no decision about the person was made by a machine alone"),
                kinds=frozenset({RequestKind.AUTO_DECISION}),
            ),
            RefusalNorm(
                code="152-FZ 14.3",
                article=_("Personal Data Law, article 14, part 3"),
                reason=_("it could not be established who is asking, or by what right"),
                kinds=_ALL,
            ),
            RefusalNorm(
                code="other",
                article=_("Another federal law"),
                reason=_("a norm that the answer names"),
                kinds=_ALL,
            ),
        )
    }
)


def norms_for(kinds: Iterable[RequestKind]) -> tuple[RefusalNorm, ...]:
    """By which a request of these kinds may be refused: each fits one of them at least."""
    asked = frozenset(kinds)
    return tuple(norm for norm in NORMS.values() if asked & norm.kinds)

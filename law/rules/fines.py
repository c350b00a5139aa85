"""What a missed term may cost a legal entity, as dated data. For a warning beside what is late, not for advice."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext_lazy as _

from law.rules.shape import Confidence, Words

AMENDED_2025: Final = date(2025, 5, 30)  # 420-FZ
AMENDED_2024: Final = date(2024, 4, 6)


@dataclass(frozen=True, kw_only=True)
class Fine:
    """In roubles, for a legal entity; `repeated_*` for who was fined for the same before."""

    code: str
    article: Words
    offence: Words
    lowest: int
    highest: int
    repeated_lowest: int | None = None
    repeated_highest: int | None = None
    effective_from: date
    confidence: Confidence = Confidence.LIKELY

    @property
    def band(self) -> str:
        return _band(self.lowest, self.highest)

    @property
    def repeated_band(self) -> str:
        """Empty where the law makes no difference."""
        return _band(self.repeated_lowest, self.repeated_highest) if self.repeated_lowest else ""

    @property
    def to_be_confirmed(self) -> bool:
        return self.confidence != Confidence.SURE


def _band(lowest: int | None, highest: int | None) -> str:
    """Thousands apart by spaces that do not break, as both languages of the portal read them."""
    return f"{lowest:,}–{highest:,}".replace(",", "\N{NO-BREAK SPACE}") + "\N{NO-BREAK SPACE}₽"


NO_ANSWER: Final = Fine(
    code="no_answer",
    article=_("Code of Administrative Offences, article 13.11, part 4"),
    offence=_("the person was not given the information about the processing"),
    lowest=40_000,
    highest=80_000,
    effective_from=AMENDED_2025,
)
NOT_DONE_IN_TIME: Final = Fine(
    code="not_done_in_time",
    article=_("Code of Administrative Offences, article 13.11, part 5"),
    offence=_("data was not corrected, blocked or destroyed in time"),
    lowest=50_000,
    highest=90_000,
    repeated_lowest=300_000,
    repeated_highest=500_000,
    effective_from=AMENDED_2025,
)
ADVERTISING: Final = Fine(
    code="advertising",
    article=_("Code of Administrative Offences, article 14.3, part 4.1"),
    offence=_("advertising to somebody who does not want it"),
    lowest=300_000,
    highest=1_000_000,
    effective_from=AMENDED_2024,
)
UNLAWFUL: Final = Fine(
    code="unlawful",
    article=_("Code of Administrative Offences, article 13.11, part 1"),
    offence=_("processing that the law does not allow"),
    lowest=150_000,
    highest=300_000,
    repeated_lowest=300_000,
    repeated_highest=500_000,
    effective_from=AMENDED_2025,
)

_BY_RULE: Final[Mapping[str, Fine]] = MappingProxyType(
    {
        **dict.fromkeys(("D01", "D02", "D18", "D30", "D31"), NO_ANSWER),
        **dict.fromkeys(("D04", "D05", "D06", "D07", "D09", "D13"), NOT_DONE_IN_TIME),
        **dict.fromkeys(("D16", "D17"), ADVERTISING),
        **dict.fromkeys(("D08", "D14", "D20", "D20H"), UNLAWFUL),
    }
)


def fine_of(rule_id: str) -> Fine | None:
    """What the law threatens whoever misses the term of this rule with."""
    return _BY_RULE.get(rule_id)

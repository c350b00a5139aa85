"""What the person who starts the portal wants of this run."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Self

DEFAULT_PROFILE: Final = "loyal_club"
FALSE: Final = ("0", "false", "no", "off")


@dataclass(frozen=True, kw_only=True)
class Wishes:
    profile: str
    port: int
    demo: bool

    @classmethod
    def of(
        cls, *, known: Mapping[str, str], given: Mapping[str, str], profile: str | None, port: int, demo: str | None
    ) -> Self:
        """Said now, else set in the environment, else what this home was made with: a home keeps its operator, and
        one made without the demo never gets it by accident."""
        chosen = profile or given.get("OPERATOR_PROFILE") or known.get("OPERATOR_PROFILE") or DEFAULT_PROFILE
        demo_chosen = demo or given.get("DEMO") or known.get("DEMO") or "1"
        return cls(profile=chosen, port=port, demo=demo_chosen.lower() not in FALSE)

    def without_demo(self) -> Self:
        """Demo accounts have no place in somebody's real database."""
        return replace(self, demo=False)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        return {
            "OPERATOR_PROFILE": self.profile,
            "DEMO": "1" if self.demo else "0",
            "DEBUG": "0",
            "BASE_URL": self.base_url,
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
        }

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, order=True)
class Fault:
    """One thing wrong with a profile, in words an administrator can act on."""

    file: str
    key: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: {self.reason}"


class InvalidProfile(Exception):
    """The profile cannot be used. Holds every fault found, not only the first."""

    def __init__(self, profile: str, faults: Sequence[Fault]) -> None:
        self.profile = profile
        self.faults = tuple(faults)
        super().__init__(profile, self.faults)

    def __str__(self) -> str:
        lines = "\n".join(f"  {fault}" for fault in self.faults)
        return f"The operator profile {self.profile} is not valid:\n{lines}"

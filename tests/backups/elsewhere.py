from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Elsewhere:
    home: Path
    database: str

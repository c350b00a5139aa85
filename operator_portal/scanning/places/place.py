"""What a place offers to the scan."""

from collections.abc import Callable
from typing import Final, Protocol

from operator_portal.scanning.needles import Needles
from operator_portal.scanning.report import Report

DATABASE: Final = "database"
DATABASE_FILES: Final = "database-files"
BROKER: Final = "broker"
BROKER_FILES: Final = "broker-files"
LOGS: Final = "logs"
MAIL: Final = "mail"
FILES: Final = "files"
HOME: Final = "home"
TEMPORARY: Final = "temporary"
PATHS: Final = "paths"
PLACES: Final = (DATABASE, DATABASE_FILES, BROKER, BROKER_FILES, LOGS, MAIL, FILES, HOME, TEMPORARY, PATHS)

Progress = Callable[[int], object]  # told of each stretch of bytes that is done


class Place(Protocol):
    name: str

    def size(self) -> int:
        """Bytes to read, as well as it can be known beforehand."""
        ...

    def scan(self, needles: Needles, report: Report, progress: Progress) -> None: ...

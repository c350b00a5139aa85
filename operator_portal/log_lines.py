"""Lines about the running of the portal, without what people typed: neither in a path, nor in the text of an exception.

A line says when, how grave, who speaks, and a constant message with ids. An exception is told by its type and the
places it went through; its words stay untold, because a library may have put a value there.
"""

import logging
import traceback
from types import TracebackType
from typing import Final

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class DiscreetFormatter(logging.Formatter):
    def __init__(self) -> None:
        super().__init__(FORMAT)

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None
        return super().format(record)

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802  (logging's name)
        lines: list[str] = []
        seen: set[int] = set()
        error = ei[1]
        while error is not None and id(error) not in seen:  # a chain can lead back into itself
            seen.add(id(error))
            frames = traceback.extract_tb(error.__traceback__)
            lines += [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
            lines.append(type(error).__qualname__)
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n".join(lines)


class RouteInsteadOfPath(logging.Filter):
    """A path may hold a link's secret or what somebody typed; the route that it matched says as much about a fault."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if request is not None:
            match = getattr(request, "resolver_match", None)
            record.msg = "%s for %s"
            record.args = (getattr(record, "status_code", "fault"), f"/{match.route}" if match else "no route")
        return True

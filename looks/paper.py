"""Paper: a typst template and the data that goes into it, as a PDF. No font of the system, no network, no file; values
go in as data of JSON, so that nobody's words are read as markup."""

import json
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any, Final

from django.conf import settings

_FONTS: Final = "vendor/golos-text"
_setting = Lock()


def make_pdf(template: Path, data: Any, *, made_at: datetime) -> bytes:
    """PDF/A-2b. The template reads `json(bytes(sys.inputs.data))`."""
    with _setting:
        answer: bytes = _compiler(template).compile(
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)}, format="pdf",
            timestamp=made_at.replace(microsecond=0),
            pdf_standards=["a-2b"],
        )  # fmt: skip
    return answer


def _compiler(template: Path) -> Any:
    """One for each paper: a compiler remembers what it was given. Only a process that makes paper has one in memory."""
    import typst

    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(Path(settings.STATICFILES_DIRS[0]) / _FONTS)],
    )
    return typst.Compiler(input=template.read_bytes(), font_paths=fonts, ignore_system_fonts=True)

"""The figures as a file for a spreadsheet."""

import csv
import io
from collections.abc import Iterator, Sequence

import xlsxwriter
from django.utils.translation import gettext as _

from subject_requests.figures import Figures

Cell = str | int | float


def as_csv(found: Figures) -> bytes:
    """With a byte order mark, by which Excel knows UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for title, rows in _tables(found):
        writer.writerow([title])
        writer.writerows(rows)
        writer.writerow([])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(found: Figures) -> bytes:
    """Words are written as words: nothing in them is a formula."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold = book.add_format({"bold": True})
        for title, rows in _tables(found):
            sheet = book.add_worksheet(title[:31])
            sheet.set_column(0, 0, 24)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row, bold if number == 0 else None)
    return out.getvalue()


def _tables(found: Figures) -> Iterator[tuple[str, list[Sequence[Cell]]]]:
    yield _("By month"), [_head(), *_months(found)]
    for title, parts in (
        (_("By kind"), found.kinds),
        (_("By channel"), found.channels),
        (_("Refusals by norm"), found.refusals),
    ):
        rows: list[Sequence[Cell]] = [(part.title, part.number) for part in parts]
        yield title, [(title, _("Number")), *rows]


def _head() -> list[str]:
    return [
        _("Month"),
        _("Received"),
        _("Answered"),
        _("Refused"),
        _("Taken back"),
        _("Closed in time"),
        _("In time, %"),
        _("Days to the end (median)"),
    ]


def _months(found: Figures) -> Iterator[Sequence[Cell]]:
    for month in found.months:
        yield [
            f"{month.first:%Y-%m}",
            month.received,
            month.answered,
            month.refused,
            month.withdrawn,
            month.in_time,
            "" if month.share_in_time is None else month.share_in_time,
            "" if month.days is None else month.days,
        ]

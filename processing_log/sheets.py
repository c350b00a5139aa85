"""The log as a spreadsheet, written row by row: the memory does not grow with the log. Every cell is a text."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import xlsxwriter

from processing_log import export
from processing_log.export import COLUMNS, Format
from processing_log.filters import LogFilter

ROWS: Final = 1_048_575  # of one sheet, without its head
WIDTHS: Final = {"at": 28, "subject": 38, "context": 38, "actor_id": 38, "reason": 30, "categories": 30}


def write(path: Path, *, wanted: LogFilter, progress: Callable[[int], object]) -> int:
    """The number of events; after a million they go on in the next sheet."""
    options = {
        "constant_memory": True,
        "tmpdir": str(path.parent),
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    number = 0
    with xlsxwriter.Workbook(str(path), options) as book:
        bold = book.add_format({"bold": True})
        sheet = _sheet(book, bold)
        for row in _rows(wanted):
            if number and number % ROWS == 0:
                sheet = _sheet(book, bold)
            for column, cell in enumerate(row):
                if cell:
                    sheet.write_string(number % ROWS + 1, column, cell)
            number += 1
            if number % 1000 == 0:
                progress(1000)
    progress(number % 1000)
    return number


def _sheet(book: xlsxwriter.Workbook, bold: xlsxwriter.format.Format) -> xlsxwriter.worksheet.Worksheet:
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(COLUMNS):
        sheet.set_column(column, column, WIDTHS.get(name, 16))
        sheet.write_string(0, column, name, bold)
    return sheet


def _rows(wanted: LogFilter) -> Iterator[list[str]]:
    """Cells as in the CSV: what a spreadsheet would take for a formula has an apostrophe in front."""
    lines = (line for _number, text in export.blocks(wanted, Format.CSV) for line in text.decode().splitlines(True))
    rows = csv.reader(lines)
    next(rows, None)
    return rows

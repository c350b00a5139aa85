import logging
from types import SimpleNamespace

from operator_portal.log_lines import DiscreetFormatter, RouteInsteadOfPath

CANARY = "anna.canary@example.org"


def failed(message: str) -> logging.LogRecord:
    try:
        try:
            raise KeyError(message)
        except KeyError as error:
            raise ValueError(f"bad value {message}") from error
    except ValueError as error:
        info = (type(error), error, error.__traceback__)
    return logging.LogRecord("portal", logging.ERROR, __file__, 1, "request %s failed", (7,), info)


def test_an_exception_is_told_by_its_types_and_places_without_its_words():
    line = DiscreetFormatter().format(failed(CANARY))

    assert CANARY not in line
    assert "request 7 failed" in line
    assert "ValueError" in line
    assert "KeyError" in line
    assert "test_log_lines.py" in line


def test_an_exception_whose_chain_leads_back_into_itself_is_told_once():
    first, second = ValueError(), KeyError()
    first.__context__, second.__context__ = second, first
    record = logging.LogRecord("portal", logging.ERROR, __file__, 1, "failed", (), (ValueError, first, None))

    assert DiscreetFormatter().format(record).splitlines()[1:] == ["ValueError", "KeyError"]


def test_what_another_handler_has_formatted_already_is_not_taken_over():
    record = failed(CANARY)
    logging.Formatter().format(record)

    assert CANARY not in DiscreetFormatter().format(record)


def test_a_path_is_replaced_by_its_route():
    record = logging.LogRecord("django.request", logging.WARNING, __file__, 1, "Not Found: %s", (f"/x/{CANARY}",), None)
    record.request = SimpleNamespace(resolver_match=SimpleNamespace(route="receipts/<str:code>/"))
    record.status_code = 404
    RouteInsteadOfPath().filter(record)

    assert record.getMessage() == "404 for /receipts/<str:code>/"


def test_a_path_that_matches_nothing_is_not_told():
    record = logging.LogRecord("django.request", logging.WARNING, __file__, 1, "Not Found: %s", (f"/{CANARY}",), None)
    record.request = SimpleNamespace(resolver_match=None)
    RouteInsteadOfPath().filter(record)

    assert CANARY not in record.getMessage()

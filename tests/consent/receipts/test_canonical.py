"""JSON with one meaning, and its canonical form, by the examples of RFC 8785."""

import json

import pytest

from consent.receipts.verify_receipt import (
    LARGEST,
    NotReadable,
    canonical,
    from_base64url,
    key_id,
    read,
)


def test_canonical_sorts_names_by_utf_16_units_as_rfc_8785_3_2_3():
    names = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }

    values = list(json.loads(canonical(names)).values())

    assert values == [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ]


def test_canonical_writes_strings_as_rfc_8785_3_2_2():
    value = {"string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/", "literals": [None, True, False]}

    assert canonical(value) == '{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'.encode()


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("\b\t\n\f\r", rb'"\b\t\n\f\r"'),
        ("\x00\x1f\x7f", b'"\\u0000\\u001f\x7f"'),
        ("é \U0001d11e", '"é \U0001d11e"'.encode()),
        (0, b"0"),
        (-(2**53) + 1, b"-9007199254740991"),
        ([[], {}, ""], b'[[],{},""]'),
    ],
)
def test_canonical_form(value, written):
    assert canonical(value) == written


@pytest.mark.parametrize("value", [1.0, float("nan"), 2**53, {1: "a"}, "\ud800", {"\udead": 1}, b"a", object()])
def test_canonical_refuses_what_receipts_do_not_hold(value):
    with pytest.raises(ValueError):  # noqa: PT011
        canonical(value)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'"dpv:ConsentReceipt"',
        b"{",
        b'{"a": 1, "a": 1}',
        b'{"a": {"b": 1, "b": 2}}',
        b'{"a": 1.0}',
        b'{"a": 1e3}',
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": "\\ud800"}',
        b'{"a": "\xff"}',
        b'{"a": 9007199254740993}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
        b'{"a": "' + b"x" * LARGEST + b'"}',
    ],
)
def test_read_refuses_json_with_more_than_one_meaning(data):
    with pytest.raises(NotReadable):
        read(data)


def test_read_takes_a_mark_at_the_beginning_that_editors_put_there():
    assert read(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


@pytest.mark.parametrize("text", ["AB", "AA=", "A", "A A", "+/+/", "AAA\n", "дом"])
def test_base64url_has_one_spelling(text):
    with pytest.raises(ValueError):  # noqa: PT011
        from_base64url(text)


def test_key_id_is_the_thumbprint_of_rfc_8037():
    key = from_base64url("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")

    assert key_id(key) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"

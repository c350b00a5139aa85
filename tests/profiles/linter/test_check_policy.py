import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.profiles.linter.test_rules import WHOLE


def run(*arguments: str) -> tuple[str, int]:
    output = StringIO()
    try:
        call_command("check_policy", *arguments, stdout=output)
    except CommandError as error:
        return output.getvalue(), error.returncode
    return output.getvalue(), 0


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "policy.txt"
    path.write_text(WHOLE, encoding="utf-8")
    return path


def test_check_policy_says_nothing_of_a_text_in_order(file):
    assert run(str(file)) == ("", 0)


def test_check_policy_prints_file_line_rule_and_reason(file):
    file.write_text(WHOLE.replace("## 3. ", "## 4. "), encoding="utf-8")

    lines, status = run(str(file))

    assert status == 1
    assert lines.splitlines()[0].startswith(
        f"{file}:23: numbering: The numbers of clauses have a gap or stand twice: 2.4 → 4"
    )


def test_check_policy_gives_advice_without_refusing(file):
    file.write_text(WHOLE.replace("Номер в реестре операторов: 77-26-000001.", ""), encoding="utf-8")

    lines, status = run(str(file))

    assert (status, lines) == (
        0,
        f"{file}:1: register_number (advice): No number of the operator in the register of Roskomnadzor\n",
    )


def test_check_policy_of_a_translation_does_not_ask_for_russian(file):
    file.write_text("1. General\n\n1.1. Nothing.", encoding="utf-8")

    assert ": not_russian:" in run(str(file))[0]
    assert ": not_russian:" not in run(str(file), "--translation")[0]


def test_check_policy_as_json_is_for_programs(file):
    file.write_text(WHOLE.replace("ИНН 7707083893, ", ""), encoding="utf-8")

    (finding,) = json.loads(run(str(file), "--json")[0])[str(file)]

    assert (finding["line"], finding["rule"], finding["refuses"]) == (1, "operator_card", True)


def test_check_policy_of_what_is_no_text_is_bad_input(file):
    file.write_bytes(b"\xff\xfe\x00")

    assert run(str(file))[1] == 2
    assert run("/nowhere/policy.txt")[1] == 2

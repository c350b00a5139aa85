"""A portal that lacks a setting says which, and does not start with a default."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from operator_portal.environment import ROOT, Environment

EXAMPLE = dict(
    line.split("=", 1)
    for line in (ROOT / "docker" / "example.env").read_text().splitlines()
    if line and not line.startswith("#")
)
REQUIRED = sorted(EXAMPLE.keys() - {"TRUSTED_PROXIES"})


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    for name in [*EXAMPLE, *(f"{name}_FILE" for name in EXAMPLE)]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PORTAL_HOME", str(tmp_path))
    return monkeypatch


@pytest.mark.parametrize("missing", REQUIRED)
def test_a_deployment_without_a_required_setting_is_refused_by_its_name(missing: str, tmp_path: Path) -> None:
    given = {name: value for name, value in EXAMPLE.items() if name != missing}
    done = subprocess.run(
        [sys.executable, "-c", "import operator_portal.settings"],
        env={"PATH": os.environ["PATH"], "PORTAL_HOME": str(tmp_path), **given},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(
        f"django.core.exceptions.ImproperlyConfigured: {missing} is not set (nor {missing}_FILE)"
    )


def test_a_secret_is_read_from_its_file_without_the_line_break(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("$word\n")
    environment.setenv("SECRET_KEY_FILE", str(tmp_path / "secret"))

    assert Environment().required("SECRET_KEY") == "$word"


def test_a_secret_file_that_is_not_there_is_named_by_its_variable(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SECRET_KEY_FILE", "/nowhere/secret")

    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY_FILE names a file that cannot be read"):
        Environment().required("SECRET_KEY")


def test_the_embedded_file_speaks_only_for_what_is_not_set(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "portal.env").write_text("DATABASE_URL=postgres://a@/b\nBASE_URL=http://embedded\n")
    environment.setenv("BASE_URL", "http://given")
    found = Environment()

    assert found.required("DATABASE_URL") == "postgres://a@/b"
    assert found.required("BASE_URL") == "http://given"


def test_the_embedded_file_is_silent_when_a_database_is_given(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "portal.env").write_text("SECRET_KEY=embedded\n")
    environment.setenv("DATABASE_URL", "postgres://a@/b")

    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY is not set"):
        Environment().required("SECRET_KEY")

"""What the web process cannot reach, whatever it is made to do."""

import subprocess
import sys
from pathlib import Path

import pytest

from operator_portal import confinement
from operator_portal.embedded.home import ROOT

pytestmark = pytest.mark.skipif(not confinement.version(), reason="this kernel has no Landlock")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    for name in ("secrets", "signer", "files", "keyring"):
        (home / name).mkdir(parents=True)
        (home / name / "one").write_text(name)
    return home


def confined(home: Path, code: str) -> str:
    """The last line that such a process says."""
    program = f"""
import os, subprocess, sys
from pathlib import Path
from operator_portal.confinement import forbid
home = Path({str(home)!r})
assert forbid([home / "secrets", home / "signer"])
{code}
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip().splitlines()[-1]


@pytest.mark.parametrize(
    "code",
    [
        '(home / "secrets" / "one").read_text()',
        '(home / "signer" / "one").write_text("another")',
        '(home / "signer" / "new").write_text("another")',
        '(home / "signer" / "one").unlink()',
        '(home / "signer" / "one").rename(home / "files" / "one")',
        '(home / "signer").rename(home / "files" / "signer")',
        '(home / "files" / "one").replace(home / "signer" / "one")',
        'os.truncate(home / "signer" / "one", 0)',
        'os.link(home / "secrets" / "one", home / "files" / "linked")',
        '(home / "files" / "soft").symlink_to(home / "secrets" / "one"); (home / "files" / "soft").read_text()',
        'os.chdir(home / "secrets"); open("one").read()',
        'Path(f"/proc/self/root{home}/secrets/one").read_text()',
        'os.listdir(f"/proc/{os.getppid()}/fd") and os.readlink(f"/proc/{os.getppid()}/fd/0")',
        'Path(f"/proc/{os.getppid()}/mem").open("rb")',
    ],
)
def test_the_signers_folders_are_out_of_reach(home, code):
    assert confined(home, code).startswith(("PermissionError", "OSError: [Errno 18]"))
    assert (home / "signer" / "one").read_text() == "signer"


def test_what_a_confined_process_starts_is_confined_too(home):
    code = 'print(subprocess.run(["cat", home / "secrets" / "one"], capture_output=True).returncode)'
    assert confined(home, code) == "1"


def test_all_else_goes_on(home):
    code = """
(home / "files" / "part").write_text("new")
(home / "files" / "part").replace(home / "files" / "one")
part = home / "keyring" / ".part"
part.write_text("rotated")
part.replace(home / "keyring" / "one")
(home / "files" / "deep").mkdir()
(home / "files" / "one").rename(home / "files" / "deep" / "one")
print((home / "files" / "deep" / "one").read_text(), (home / "keyring" / "one").read_text(), (home / "signer").exists())
"""
    assert confined(home, code) == "new rotated True"


@pytest.mark.django_db(transaction=True)
def test_the_web_server_has_confined_itself(running_portal):
    assert "NoNewPrivs:\t1" in Path(f"/proc/{running_portal.pid('web')}/status").read_text()

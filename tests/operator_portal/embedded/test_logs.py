"""What the processes print does not fill the disk."""

import stat
import subprocess
import sys
from pathlib import Path

from operator_portal.embedded.logs import turn_long_ones


def test_a_long_log_is_put_aside_and_its_process_goes_on_in_an_empty_one(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    with log.open("ab") as output:
        speaker = subprocess.Popen(
            [sys.executable, "-uc", "import sys\nprint('x' * 99)\nfor line in sys.stdin: print(line, end='')"],
            stdin=subprocess.PIPE,
            stdout=output,
            text=True,
        )
    assert speaker.stdin
    speaker.stdin.write("before\n")
    speaker.stdin.flush()
    while "before" not in log.read_text():
        assert speaker.poll() is None

    turned = turn_long_ones(tmp_path, longest=100)
    speaker.communicate("after\n", timeout=10)

    assert turned == [log]
    assert log.read_text().startswith("after\n")
    kept = tmp_path / "web.log.1"
    assert kept.read_text() == "x" * 99 + "\nbefore\n"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_short_log_is_left_alone_and_one_copy_is_kept(tmp_path: Path) -> None:
    (tmp_path / "beat.log").write_text("short")
    (tmp_path / "web.log").write_text("new" * 100)
    (tmp_path / "web.log.1").write_text("old")

    assert turn_long_ones(tmp_path, longest=100) == [tmp_path / "web.log"]
    assert {file.name: file.read_text()[:5] for file in tmp_path.iterdir()} == {
        "beat.log": "short",
        "web.log": "",
        "web.log.1": "newne",
    }

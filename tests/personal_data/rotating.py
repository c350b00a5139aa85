"""A process that exists to be killed: for each line on its input, the seconds in which others
may hold an older keyring, it forks a child that rotates the keys, and writes the
child's pid; when the child is no more, how it ended."""

import os
import sys

import django


def main() -> None:
    django.setup()
    from django.db import connections

    from law import clock
    from personal_data import keyring, rotation

    rotation.is_unfinished()  # what is done for the first time takes longer than what is to be interrupted
    for settle in sys.stdin:
        rotation.SETTLE_SECONDS = float(settle)  # type: ignore[misc]
        connections.close_all()
        pid = os.fork()
        if pid == 0:
            keyring.forget()
            rotation.rotate(clock.now(), even_if_young=True, batch_size=4)
            os._exit(0)
        print(pid, flush=True)
        print(os.waitpid(pid, 0)[1], flush=True)


if __name__ == "__main__":
    main()

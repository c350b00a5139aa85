"""A process that exists to be killed: `python -m tests.retention.victim`.

Starting Django and doing everything for the first time takes longer than what is to be interrupted, so that is done
once. For each line on its input it forks a child that runs the real command, and writes the child's pid; when the child
is no more, how it ended.
"""

import os
import sys
from io import StringIO
from threading import RLock

import django
from django.core.management import call_command
from tqdm import tqdm


def main() -> None:
    django.setup()
    from django.db import connections

    call_command("destroy_due", stdout=StringIO())
    for batch_size in sys.stdin:
        connections.close_all()
        pid = os.fork()
        if pid == 0:
            tqdm.set_lock(RLock())  # its own is shared by all children: one that dies while holding it stops the rest
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            call_command("destroy_due", batch_size=int(batch_size))
            os._exit(0)
        print(pid, flush=True)
        print(os.waitpid(pid, 0)[1], flush=True)


if __name__ == "__main__":
    main()

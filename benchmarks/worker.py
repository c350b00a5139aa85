"""A process that does the works it is told to, in an environment and with settings of its own.

`python -m benchmarks.worker MODULE_WITH_CONTESTANTS`, told by lines of JSON on its input, answering by lines of JSON.
"""

import gc
import json
import sys
from importlib import import_module
from typing import Any

import django


def answer(order: dict[str, Any], contestants: dict[str, Any]) -> Any:
    from benchmarks.works import WORKS

    contestant = contestants[order["contestant"]]
    if order["work"] == "load":
        return contestant.load(order["present"])
    gc.collect()
    return WORKS[order["work"]](contestant, order["present"])


def main() -> None:
    django.setup()
    contestants = import_module(sys.argv[1]).CONTESTANTS
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        try:
            reply = {"answer": answer(json.loads(line), contestants)}
        except Exception as error:  # noqa: BLE001  (the one who asked prints it and stops)
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), file=answers, flush=True)


if __name__ == "__main__":
    main()

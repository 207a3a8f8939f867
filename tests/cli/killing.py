"""A program of its own that runs commands and kills them with SIGKILL at a stage: `python -m tests.cli.killing DATABASE`.

It loads everything once and forks for each command, so that a test can afford many. Each line on standard input is a JSON list
[stage, argument…]; the answer is a line with the exit code, or "killed". Stage "" kills nothing.
"""

import importlib
import json
import os
import signal
import sys
from typing import Any

import time_machine

from kansli_tui.__main__ import cli
from tests.databases import BEGINNING

_SERVICE = "kansli_tui.service"
STAGES: dict[str, tuple[str, str, str, int]] = {
    # Where the function is looked up, its name, whether before or after its work, and at which of its calls.
    "half the letters looked at": (f"{_SERVICE}.printing", "checked", "before", 250),
    "frozen but not saved": (f"{_SERVICE}.printing", "prepare_batch", "after", 1),
    "prepared": (f"{_SERVICE}.printing", "set_letters", "before", 1),
    "set but not saved": (f"{_SERVICE}.printing", "set_letters", "after", 1),
    "rendered": (f"{_SERVICE}.ways_out", "way_out", "before", 1),
    "PDF written but not named": ("pathlib.Path", "replace", "before", 1),
    "no manifest": (f"{_SERVICE}.ways_out", "write_whole", "before", 2),
    "half a manifest": ("pathlib.Path", "replace", "before", 3),
    "written but not noted": (f"{_SERVICE}.letters.LetterService", "_mark_printed", "before", 1),
    "noted but not told": (f"{_SERVICE}.letters.LetterService", "_mark_printed", "after", 1),
    "posted but not saved": (f"{_SERVICE}.posting.Posting", "record", "after", 1),
    "posted and logged but not saved": ("db.audit", "record_people", "after", 1),
    "posted but not told": ("kansli_tui.cli.letters", "_tell", "before", 1),
}


def patch(stage: str) -> None:
    """From now on the process dies at the stage."""
    place, name, when, nth = STAGES[stage]
    try:
        owner: Any = importlib.import_module(place)
    except ModuleNotFoundError:
        module, _dot, member = place.rpartition(".")
        owner = getattr(importlib.import_module(module), member)
    real, calls = getattr(owner, name), [0]

    def dying(*args: Any, **more: Any) -> Any:
        calls[0] += 1
        if when == "before" and calls[0] == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*args, **more)
        if when == "after" and calls[0] == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, dying)


def run(stage: str, arguments: list[str]) -> str:
    """Run one command in a process of its own."""
    child = os.fork()
    if not child:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        with time_machine.travel(BEGINNING, tick=False):
            if stage:
                patch(stage)
            code = cli(arguments, standalone_mode=False)
        os._exit(code or 0)
    _child, status = os.waitpid(child, 0)
    return "killed" if os.WIFSIGNALED(status) else str(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    for module in ("reports.press", "reports.message", "kansli_tui.service.ways_out"):
        importlib.import_module(module)
    for job in sys.stdin:
        wanted, *rest = json.loads(job)
        sys.stdout.write(run(wanted, rest) + "\n")
        sys.stdout.flush()

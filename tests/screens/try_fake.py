"""Run the screens on the office in memory: `python -m tests.screens.try_fake [--sign-in]`."""

import sys
from typing import Any, cast

from kansli_tui.app import KansliApp
from tests.screens.fakes import ANNA, FakeOffice, clock

if __name__ == "__main__":
    office = cast("Any", FakeOffice())
    KansliApp(office, None if "--sign-in" in sys.argv else ANNA, demo=True, clock=clock).run()

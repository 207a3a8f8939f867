"""Makes the README's pictures from the running program on its demo database: `python docs/make_pictures.py`."""

import asyncio
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from kansli_tui.app import KansliApp
from kansli_tui.service.office import Office
from kansli_tui.simulation import make_demo

PICTURES = Path(__file__).parent / "pictures"
SIZE = (100, 30)
STEPS = {
    "hem": (),
    "provsvar": ("5",),
    "mr-svar": ("escape", "4"),
    "mr-tider": ("escape", "f8", "m", "plus"),
    "bevakning": ("f12", "r"),
    "arende": ("f10", "f2", "l", "i", "n", "d", "enter"),
    "balans": ("escape", "escape", "f7"),
    "flode": ("f5", "2"),
    "jamforelse": ("5",),
}
"""The keys that lead from each picture to the next."""


async def make() -> None:
    """Open the demo, press the keys, and write a picture at each stop."""
    PICTURES.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'demo.db'}"
        make_demo(url)
        office = Office.open(url)
        app = KansliApp(office, actor=office.staff.as_user("anna"), demo=True)
        async with app.run_test(size=SIZE) as pilot:
            await pilot.pause(2)
            for name, keys in STEPS.items():
                for key in keys:
                    await pilot.press(key)
                    await pilot.pause(0.7)
                await app.workers.wait_for_complete()
                await pilot.pause(0.5)
                svg = app.export_screenshot(title="Kansli")
                # The picture shall need nothing from anywhere else: the reader's own fixed-width font will do.
                svg = re.sub(r"@font-face\s*{.*?}", "", svg, flags=re.DOTALL)
                (PICTURES / f"{name}.svg").write_text(svg, encoding="utf-8")
        office.close()


if __name__ == "__main__":
    asyncio.run(make())

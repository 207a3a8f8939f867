"""Shows a file in the computer's own program for it. Files with personal data lie in a folder that only the user can read."""

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from platformdirs import user_cache_path

from kansli_tui.i18n import _


def private_folder() -> Path:
    """An empty folder of the user's own for files to look at: what lay there from last time is removed."""
    folder = user_cache_path("kansli") / "visas"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    for left in folder.iterdir():
        # What a program still holds open on Windows stays until the next time.
        with suppress(OSError):
            shutil.rmtree(left) if left.is_dir() else left.unlink()
    return folder


def start(file: Path) -> bool:
    """Hand the file to its program, without waiting for it; False where the computer has none to show it."""
    if sys.platform == "win32":
        os.startfile(file)  # noqa: S606 - the system's own way to show a file
        return True
    program = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
    screen = sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if program is None or not screen:
        return False
    nothing = subprocess.DEVNULL
    # The program is the system's own and the file is ours: nothing is read by a shell.
    subprocess.Popen([program, str(file)], stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True)  # noqa: S603
    return True


def show(file: Path) -> str:
    """Show the file; what came of it in words, with where the file is when nothing could show it."""
    try:
        shown = start(file)
    except OSError:
        shown = False
    if shown:
        return _("{file} is shown in its own window.", file=file.name)
    return _("There is no program here that shows PDF files. The file is {file}", file=file)

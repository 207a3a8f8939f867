"""Writing files so that a full disk or a killed program leaves no half file behind."""

from contextlib import suppress
from pathlib import Path

from kansli_tui.errors import RefusedError


def write_whole(directory: Path, name: str, data: bytes) -> Path:
    """Write a file under another name first, then rename it. RefusedError says what went wrong."""
    unfinished = directory / f".{name}.part"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(data)
        return unfinished.replace(directory / name)
    except OSError as problem:
        # What could not be made cannot be removed either; the first trouble is the one to tell.
        with suppress(OSError):
            unfinished.unlink()
        raise RefusedError(
            "The file {name} could not be written: {problem}. Nothing is lost; write it again.",
            name=name,
            problem=problem.strerror or problem,
        ) from problem

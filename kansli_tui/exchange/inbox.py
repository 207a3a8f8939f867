"""A watched folder: files are claimed, and end in `done/` or `held/`. It moves files and never opens them to read meaning.

`ROOT/inbox/` is where others drop files. A claim is one atomic rename into a folder of its own in `inbox/.working/`, named by
when it was made, so two programs never take the same file and a claim whose program died is taken again after a while.
Nothing is ever overwritten, and no file that came in is deleted.
"""

import contextlib
import os
import re
import stat
import uuid
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from kansli_tui.errors import ChangedBySomeoneElseError, RefusedError

SETTLE_SECONDS: Final = 5.0
STALE_SECONDS: Final = 900.0

_UNFINISHED: Final = (".part", ".partial", ".filepart", ".tmp", ".crdownload", ".lock")
_CLAIM: Final = re.compile(r"([0-9]{1,12})-[0-9a-f]{32}", re.ASCII)
_LONGEST_STEM: Final = 200


class Waiting(StrEnum):
    """Why a file is left where it is; message ids."""

    ARRIVING = "The file has just arrived or is still being written"
    UNFINISHED = "The name says that the transfer is not finished"
    NOT_A_FILE = "It is not an ordinary file"
    NO_ACCESS = "The file is open elsewhere or may not be read"


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A file that was not taken, and why. It is looked at again next time."""

    name: str
    reason: Waiting


@dataclass(frozen=True, slots=True)
class Claim:
    """A file that is ours to work on: its own `name`, and the `path` where it now is."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Look:
    """What one look into the folder gave."""

    claims: tuple[Claim, ...]
    left_alone: tuple[LeftAlone, ...]


@dataclass(slots=True)
class Inbox:
    """One watched folder under `root`. Keep the object between looks: a file is taken once it has stood unchanged between two.

    Times are seconds since the epoch, given by the caller; files are taken in order of their names.
    """

    root: Path
    settle_seconds: float = SETTLE_SECONDS
    stale_seconds: float = STALE_SECONDS
    _seen: dict[str, tuple[int, int, float]] = field(default_factory=dict)

    @property
    def inbox(self) -> Path:
        """Where files are dropped."""
        return self.root / "inbox"

    @property
    def working(self) -> Path:
        """Where claimed files are while they are worked on."""
        return self.inbox / ".working"

    @property
    def done(self) -> Path:
        """Where files end that were taken in."""
        return self.root / "done"

    @property
    def held(self) -> Path:
        """Where files end that need a person."""
        return self.root / "held"

    def make_folders(self) -> None:
        """Make the folders that are missing, for the office alone to read.

        Raises:
            RefusedError: the folder cannot be made.
        """
        for folder in (self.inbox, self.working, self.done, self.held):
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise RefusedError(
                    "The folder {folder} cannot be made: {why}", folder=str(folder), why=_why(error)
                ) from error

    def look(self, now: float) -> Look:
        """Claim every file that is whole, and every claim that its program has left behind.

        Raises:
            RefusedError: the folder cannot be read or written.
        """
        claims = self._abandoned(now)
        left_alone: list[LeftAlone] = []
        names = [name for name in _names(self.inbox) if not name.startswith(".")]
        for name in names:
            taken = self._take(name, now)
            if isinstance(taken, Claim):
                claims.append(taken)
                del self._seen[name]
            elif taken is not None:
                left_alone.append(LeftAlone(name, taken))
        self._seen = {name: seen for name, seen in self._seen.items() if name in names}
        return Look(tuple(claims), tuple(left_alone))

    def finish(self, claim: Claim, *, held: bool = False) -> Path:
        """Move a claimed file to `done/`, or to `held/`, under a name that is free there; returns where it went.

        Raises:
            ChangedBySomeoneElseError: another program has taken the claim over.
            RefusedError: it cannot be moved; it stays claimed and is taken again later.
        """
        return _move(claim, self.held if held else self.done)

    def release(self, claim: Claim) -> Path:
        """Put a claimed file back to be taken again at once; returns where it went. Errors as for `finish`."""
        return _move(claim, self.inbox)

    def _abandoned(self, now: float) -> list[Claim]:
        """Claims older than `stale_seconds`, claimed anew; folders of claims that were finished are tidied away."""
        claims: list[Claim] = []
        for folder_name in _names(self.working):
            match = _CLAIM.fullmatch(folder_name)
            if match is None or now - int(match.group(1)) < self.stale_seconds:
                continue
            folder = self.working / folder_name
            for name in _names(folder):
                claim = self._claim(folder / name, now)
                if isinstance(claim, Claim):
                    claims.append(claim)
            _remove_if_empty(folder)
        return claims

    def _take(self, name: str, now: float) -> Claim | Waiting | None:
        """The claim, or why not; None when another program took it between."""
        path = self.inbox / name
        if name.lower().endswith(_UNFINISHED):
            return Waiting.UNFINISHED
        try:
            state = path.lstat()
        except FileNotFoundError:
            return None
        except OSError:
            return Waiting.NO_ACCESS
        if not stat.S_ISREG(state.st_mode):
            return Waiting.NOT_A_FILE
        seen = self._seen.get(name)
        if seen is None or seen[:2] != (state.st_size, state.st_mtime_ns):
            self._seen[name] = (state.st_size, state.st_mtime_ns, now)
            return Waiting.ARRIVING
        if now - seen[2] < self.settle_seconds:
            return Waiting.ARRIVING
        return self._claim(path, now)

    def _claim(self, path: Path, now: float) -> Claim | Waiting | None:
        folder = self.working / f"{int(now)}-{uuid.uuid4().hex}"
        try:
            folder.mkdir(mode=0o700)
        except OSError as error:
            raise RefusedError(
                "The folder {folder} cannot be written: {why}", folder=str(self.working), why=_why(error)
            ) from error
        try:
            # Opening shows what a rename alone would not: that the file may be read by us.
            with path.open("rb"):
                pass
            path.rename(folder / path.name)
        except FileNotFoundError:
            _remove_if_empty(folder)
            return None
        except OSError:
            _remove_if_empty(folder)
            return Waiting.NO_ACCESS
        return Claim(name=path.name, path=folder / path.name)


def _names(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir())
    except FileNotFoundError:
        # Tidied away by another program between two looks, or a root without folders yet.
        if folder.name == "inbox":
            raise RefusedError("The folder {folder} does not exist", folder=str(folder)) from None
        return []
    except OSError as error:
        raise RefusedError("The folder {folder} cannot be read: {why}", folder=str(folder), why=_why(error)) from error


def _move(claim: Claim, folder: Path) -> Path:
    target: Path | None = None
    try:
        target = _free_name(folder, claim.name)
        claim.path.replace(target)
    except OSError as error:
        if target is not None:
            # Only the empty placeholder of this very move stands there.
            target.unlink(missing_ok=True)
        if not claim.path.exists():
            raise ChangedBySomeoneElseError("Another program has taken the file over") from error
        raise RefusedError(
            "The file cannot be moved to {folder}: {why}. It is tried again later.", folder=str(folder), why=_why(error)
        ) from error
    _remove_if_empty(claim.path.parent)
    return target


def _free_name(folder: Path, name: str) -> Path:
    """A name that was free, kept by an empty file so that nobody else gets it: name.hl7, then name-2.hl7 and so on."""
    candidate, number = folder / name, 1
    while True:
        try:
            candidate.touch(mode=0o600, exist_ok=False)
        except FileExistsError:
            number += 1
            stem = os.fsdecode(os.fsencode(Path(name).stem)[:_LONGEST_STEM])
            candidate = folder / f"{stem}-{number}{Path(name).suffix[:20]}"
        else:
            return candidate


def _remove_if_empty(folder: Path) -> None:
    """Tidy a claim's folder away. One that still holds something, or is in use, stays and is looked at again."""
    with contextlib.suppress(OSError):
        folder.rmdir()


def _why(error: OSError) -> str:
    return error.strerror or type(error).__name__

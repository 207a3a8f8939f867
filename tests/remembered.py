"""Steps that hundreds of tests begin with are taken once per run from each beginning, and remembered."""

from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from pathlib import Path
from typing import Any

_ENDS: dict[tuple[Any, ...], tuple[bytes, Any, int, dict[Path, bytes], Any]] = {}


def remembered(step: Callable[..., Any]) -> Callable[..., Any]:
    """A step of a `World` that depends on its database, its clock and what it is told, and on nothing else.

    On SQLite a test that comes to the step with the very same file, moment and words as one before it gets the file, the
    moment and the papers that the step left then. Every other beginning, and every other database, takes the step. What
    the step gives back is shared, so it is something that nobody changes.
    """

    @wraps(step)
    def take(world: Any, *said: Any, **more: Any) -> Any:
        engine = world.context.sessions.engine
        if engine.dialect.name != "sqlite":
            return step(world, *said, **more)
        file = Path(engine.url.database)
        # Without connections everything is in the one file.
        engine.dispose()
        if file.with_name(f"{file.name}-wal").exists():
            return step(world, *said, **more)
        staff = (world.anna, world.per)
        words = repr((step.__name__, said, more, staff, world.context.settings, world.paper, world._control))
        key = (sha256(file.read_bytes()).digest(), world.clock.now, words)
        if key in _ENDS:
            content, world.clock.now, world._control, papers, made = _ENDS[key]
            file.write_bytes(content)
            for paper, written in papers.items():
                (world.folder / paper).parent.mkdir(parents=True, exist_ok=True)
                (world.folder / paper).write_bytes(written)
            return made
        before = set(world.folder.rglob("*"))
        made = step(world, *said, **more)
        engine.dispose()
        papers = {
            paper.relative_to(world.folder): paper.read_bytes()
            for paper in world.folder.rglob("*")
            if paper not in before and paper.is_file()
        }
        _ENDS[key] = (file.read_bytes(), world.clock.now, world._control, papers, made)
        return made

    return take

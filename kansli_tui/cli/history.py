"""`kansli-tui import history`: earlier rounds from a predecessor system."""

from pathlib import Path
from typing import Annotated

import typer

from kansli_tui.cli.common import NEEDS_A_PERSON, AsJson, Database, Debug, User, opened, print_json, read_file
from kansli_tui.cli.imports import Progress
from kansli_tui.i18n import _, n_
from kansli_tui.labels import label
from kansli_tui.rows.history import HistoryImport


def history(
    file: Path,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Säg bara vad som skulle hända.")] = False,
    database: Database = None,
    user: User = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Läs in tidigare omgångar ur ett föregående system (CSV). En rad som inte kan stämma nämns med skäl; resten läses in."""
    with opened(database, user, debug=debug) as run:
        bar = Progress(quiet=as_json)
        try:
            made = run.office.history.import_file(run.actor, read_file(file), file.name, dry_run=dry_run, progress=bar)
        finally:
            bar.close()
        if as_json:
            print_json(
                {
                    "file": made.file_name,
                    "sha256": made.sha256,
                    "dry_run": made.dry_run,
                    "rows": made.rows,
                    "people": made.people,
                    "applied": made.applied,
                    "applied_people": made.applied_people,
                    "known": made.known,
                    "stands": {step.value: count for step, count in sorted(made.stands.items())},
                    "problems": [
                        {"line": each.line, "reason": _(each.reason, **each.values), "fix": _(each.fix)}
                        for each in made.problems
                    ],
                }
            )
        else:
            _tell(made)
        raise typer.Exit(NEEDS_A_PERSON if made.needs_person else 0)


def _tell(made: HistoryImport) -> None:
    if made.dry_run:
        print(_("Nothing has been written: this is what would happen."))
    counts = _(
        "{applied} taken in, {known} known already, {problems} not taken in",
        applied=made.applied,
        known=made.known,
        problems=len(made.problems),
    )
    print(f"{made.file_name}: {n_('{count} line', '{count} lines', made.rows)}. {counts}")
    for step, count in sorted(made.stands.items(), key=lambda pair: (-pair[1], pair[0])):
        print(f"  {label(step)}: {count}")
    for each in made.problems:
        print(f"{_(each.reason, **each.values)}. {_(each.fix)}")

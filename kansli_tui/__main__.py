"""The composition root: the command line, and the program on screen when no command is given."""

import os
import re
import sys
from datetime import date
from typing import Annotated

import typer
from platformdirs import user_data_path
from typer.exceptions import TyperException

from kansli_tui import __version__
from kansli_tui.cli.common import REFUSED, Database, Debug, day, readable_errors, where
from kansli_tui.cli.database import database as database_commands
from kansli_tui.cli.database import rules, staff
from kansli_tui.cli.history import history
from kansli_tui.cli.imports import Progress, imports
from kansli_tui.cli.letters import letters
from kansli_tui.cli.show import balance, case
from kansli_tui.cli.stats import statistics
from kansli_tui.cli.watch import absence, watch, watch_duty
from kansli_tui.cli.work import offers, orders, run_day
from kansli_tui.errors import RefusedError
from kansli_tui.i18n import _, later, set_language

cli = typer.Typer(
    name="kansli-tui",
    help="Kansli: arbetsplatsen för organiserad prostatacancertestning. Utan kommando öppnas programmet.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
cli.add_typer(database_commands, name="db")
cli.add_typer(staff, name="staff")
cli.add_typer(rules, name="rules")
imports.command()(history)
cli.add_typer(imports, name="import")
cli.add_typer(offers, name="offers")
cli.add_typer(orders, name="orders")
cli.add_typer(letters, name="letters")
cli.command()(case)
cli.command()(balance)
cli.add_typer(statistics, name="stats")
cli.command()(watch)
cli.command(name="watch-duty")(watch_duty)
cli.command()(absence)
cli.command(name="run-day")(run_day)


@cli.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    database: Database = None,
    debug: Debug = False,
    version: Annotated[bool, typer.Option("--version", help="Visa versionen.")] = False,
) -> None:
    """Öppna programmet, eller kör ett kommando."""
    if database is not None:
        # The option may stand before the command as well as after it.
        os.environ["KANSLI_DATABASE_URL"] = database
    with readable_errors(debug=debug):
        set_language(where(database)["settings"].language)
    if version:
        print(__version__)
        raise typer.Exit
    if context.invoked_subcommand is None:
        _open_screen(database, debug=debug)


@cli.command()
def demo(
    men: Annotated[int, typer.Option(help="Antal påhittade personer.")] = 600,
    seed: Annotated[int, typer.Option(help="Samma frö och samma dag ger samma personer.")] = 1,
    fresh: Annotated[bool, typer.Option("--fresh", help="Gör om databasen från början.")] = False,
    only_make: Annotated[bool, typer.Option("--only-make", help="Gör databasen men öppna inte programmet.")] = False,
    database: Database = None,
    debug: Debug = False,
) -> None:
    """Öppna programmet på en påhittad databas med arbete i varje kö, inloggad som en påhittad handläggare."""
    from kansli_tui.simulation import make_demo  # noqa: PLC0415 - only the demo invents people
    from kansli_tui.simulation.staff import PASSWORD  # noqa: PLC0415 - only the demo invents people

    url = database or f"sqlite:///{user_data_path('kansli') / 'demo.db'}"
    with readable_errors(debug=debug):
        bar = Progress(quiet=False)
        make_demo(url, men=men, seed=seed, fresh=fresh, progress=bar)
        bar.close()
        if only_make:
            print(_("Users {users}, password {password}", users="anna, per, ulla, lena, jonas", password=PASSWORD))
        else:
            _open_screen(url, demo=True, debug=debug)


@cli.command()
def simulate(
    men: Annotated[int, typer.Option(help="Antal påhittade personer.")],
    years: Annotated[int, typer.Option(help="Hur många år de lever genom programmet.")],
    seed: Annotated[int, typer.Option(help="Samma frö ger samma data.")] = 1,
    until: Annotated[str | None, typer.Option(help="Sista dag, ÅÅÅÅ-MM-DD; annars i dag.")] = None,
    database: Database = None,
    debug: Debug = False,
) -> None:
    """Låt påhittade personer leva genom programmet (övning, belastning). Bara i en databas för påhittade personer."""
    from kansli_tui.simulation import simulate_into  # noqa: PLC0415 - only a simulation invents people

    with readable_errors(debug=debug):
        bar = Progress(quiet=False)
        report = simulate_into(
            where(database)["url"],
            men=men,
            years=years,
            seed=seed,
            until=day(until) if until else date.today(),
            progress=bar,
        )
        bar.close()
        for line in report.lines():
            print(line)


def _open_screen(database: str | None, *, debug: bool, demo: bool = False) -> None:
    from kansli_tui.app import KansliApp  # noqa: PLC0415 - Textual loads only when there is a screen
    from kansli_tui.service.office import Office  # noqa: PLC0415

    with readable_errors(debug=debug):
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise RefusedError("The program on screen needs a terminal. Commands do not: kansli-tui --help")
        office = Office.open(**where(database))
        try:
            actor = office.staff.as_user("anna") if demo else None
            KansliApp(office, actor=actor, demo=demo).run()
        finally:
            office.close()


_COMMON = (
    (
        r"Invalid value for (?P<option>.+?): .*'(?P<value>.*?)' is not one of (?P<choices>.*?)\.?",
        later("{value} is no {option}. Choose one of {choices}."),
    ),
    (r"Invalid value for (?P<option>.+?): .*valid integer.*", later("{option} takes a whole number.")),
    (r"Missing \w+ (?P<option>.+?)\.?", later("{option} is missing.")),
    (r"No such command '(?P<name>.+?)'.*", later("There is no command {name}.")),
    (r"No such option:? (?P<name>\S+).*", later("There is no option {name}.")),
)
"""What the command line's own parser says most often, and the same in the office's language."""


def _in_words(message: str) -> str:
    for pattern, said in _COMMON:
        found = re.fullmatch(pattern, message)
        if found is not None:
            return _(said, **found.groupdict())
    return message


def main() -> None:
    """Run the command line. Wrong use is one line on standard error, like every other error."""
    # Whatever is written (database, letters, orders, copies) is for the office's own user alone.
    os.umask(0o077)
    try:
        code = cli(standalone_mode=False)
    except TyperException as problem:
        message = _in_words(problem.format_message())
        if "\n" not in message:
            message = _("Wrong use: {problem} See: kansli-tui --help", problem=message)
        print(message, file=sys.stderr)
        sys.exit(REFUSED)
    except (typer.Abort, KeyboardInterrupt):
        print(_("Interrupted."), file=sys.stderr)
        sys.exit(REFUSED)
    sys.exit(code or 0)


if __name__ == "__main__":
    main()

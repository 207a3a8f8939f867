"""`kansli-tui db` and `kansli-tui staff`: the database's life, and who works in the office."""

import os
from pathlib import Path
from typing import Annotated

import typer

from kansli_tui.cli.common import (
    AsJson,
    Database,
    Debug,
    User,
    asked_for,
    computer_user,
    opened,
    print_json,
    read_file,
    readable_errors,
    where,
)
from kansli_tui.errors import RuleSetError
from kansli_tui.i18n import _
from kansli_tui.labels import label
from kansli_tui.rows.office import REGIONS, Role
from kansli_tui.service import backup as copies
from kansli_tui.service.office import Office

database = typer.Typer(
    help="Databasen: skapa eller uppgradera, kontrollera, säkerhetskopiera, återställ.", no_args_is_help=True
)
staff = typer.Typer(help="Personal, roller och regioner.", no_args_is_help=True)

rules = typer.Typer(help="Regelverk: läs in, signera, visa.", no_args_is_help=True)


@database.command()
def upgrade(
    database: Database = None,
    invented: Annotated[
        bool, typer.Option(help="En databas för påhittade personer (övning); går aldrig att ändra.")
    ] = False,
    debug: Debug = False,
) -> None:
    """Skapa databasen eller för den till programmets version. Den som skapar den blir dess första arbetsledare."""
    with readable_errors(debug=debug):
        office = Office.open(**where(database), create="invented" if invented else "production")
        try:
            if not office.staff.anyone():
                office.staff.install_first(computer_user(), tuple(REGIONS))
                print(
                    _(
                        "{user} is the first supervisor. Set a password: kansli-tui staff password {user}",
                        user=computer_user(),
                    )
                )
            print(
                _(
                    "The database is ready ({kind}, {database}).",
                    kind=_("invented people") if office.facts.invented else _("real people"),
                    database=office.facts.database,
                )
            )
        finally:
            office.close()


@database.command()
def check(database: Database = None, user: User = None, as_json: AsJson = False, debug: Debug = False) -> None:
    """Kontrollera databasen: version, hela filen, och att alla personer är redovisade."""
    with opened(database, user, debug=debug) as run:
        faults = copies.check(run.office.context.sessions)
        balance = run.office.balance.make(run.actor)
        if as_json:
            print_json({"faults": faults, "balance": balance.adds_up})
        else:
            for fault in faults:
                print(fault)
            print(
                _("Everyone is accounted for.")
                if balance.adds_up
                else _("The balance does not add up: kansli-tui balance")
            )
        raise typer.Exit(0 if balance.adds_up and not faults else 1)


@database.command()
def backup(file: Path, database: Database = None, user: User = None, debug: Debug = False) -> None:
    """Skriv en hel säkerhetskopia till en ny fil medan programmet används."""
    with opened(database, user, debug=debug) as run:
        size = copies.backup(run.office.context, run.actor, file)
        print(_("The copy is written and checked ({size} MB).", size=f"{size / 1e6:.1f}"))


@database.command()
def restore(file: Path, database: Database = None, debug: Debug = False) -> None:
    """Lägg tillbaka en säkerhetskopia. Den databas som finns sparas bredvid, den skrivs aldrig över."""
    with readable_errors(debug=debug):
        kept = copies.restore(where(database)["url"], file)
        if kept is not None:
            print(_("The earlier database is kept as {file}.", file=kept.name))
        print(_("The copy is restored. Run: kansli-tui db check"))


@staff.command()
def add(
    username: str,
    name: str,
    role: Annotated[Role, typer.Option(help="caseworker, supervisor eller physician")] = Role.CASEWORKER,
    regions: Annotated[list[str] | None, typer.Option("--region", help="Länskod, en eller flera gånger.")] = None,
    database: Database = None,
    user: User = None,
    debug: Debug = False,
) -> None:
    """Lägg till någon. Lösenordet frågas efter, eller tas från KANSLI_NEW_PASSWORD."""
    with opened(database, user, debug=debug) as run:
        run.office.staff.add(
            run.actor,
            username=username,
            name=name,
            role=role,
            regions=tuple(regions or ()),
            password=_new_password(username),
        )


@staff.command()
def password(username: str, database: Database = None, user: User = None, debug: Debug = False) -> None:
    """Sätt ett nytt lösenord för någon."""
    with opened(database, user, debug=debug) as run:
        run.office.staff.set_password(run.actor, username, _new_password(username))


@staff.command(name="list")
def list_staff(database: Database = None, user: User = None, as_json: AsJson = False, debug: Debug = False) -> None:
    """Visa alla."""
    with opened(database, user, debug=debug) as run:
        rows = run.office.staff.rows(run.actor)
        if as_json:
            print_json(rows)
            return
        for row in rows:
            closed = "" if row.active else f"  ({_('closed account')})"
            print(f"{row.username:<16}{row.name:<28}{label(row.role):<16}{' '.join(row.regions)}{closed}")


@staff.command()
def grant(
    username: str,
    regions: Annotated[list[str], typer.Option("--region", help="Länskod, en eller flera gånger.")],
    database: Database = None,
    user: User = None,
    debug: Debug = False,
) -> None:
    """Ge någon fler regioner; öppnar också ett stängt konto."""
    with opened(database, user, debug=debug) as run:
        run.office.staff.grant(run.actor, username, tuple(regions))


@staff.command()
def revoke(
    username: str,
    regions: Annotated[list[str] | None, typer.Option("--region", help="Länskod; utan region stängs kontot.")] = None,
    database: Database = None,
    user: User = None,
    debug: Debug = False,
) -> None:
    """Ta bort regioner, eller stäng kontot."""
    with opened(database, user, debug=debug) as run:
        run.office.staff.revoke(run.actor, username, tuple(regions or ()))


@rules.command(name="list")
def list_rules(database: Database = None, user: User = None, as_json: AsJson = False, debug: Debug = False) -> None:
    """Visa regelverken, det nyaste först."""
    with opened(database, user, debug=debug) as run:
        rows = run.office.rules.rows(run.actor)
        if as_json:
            print_json(rows)
            return
        for row in rows:
            signed = _("signed by {who}", who=row.signed_by) if row.signed_by else _("not signed")
            print(f"{row.name} {row.version:<10}{row.valid_from}  {row.loaded_by:<16}{signed}")


@rules.command()
def load(file: Path, database: Database = None, user: User = None, debug: Debug = False) -> None:
    """Läs in ett regelverk. Det gäller först när någon annan har signerat det."""
    with opened(database, user, debug=debug) as run:
        try:
            text = read_file(file).decode("utf-8")
        except UnicodeDecodeError as problem:
            raise RuleSetError("The rule set is not UTF-8 text.") from problem
        made = run.office.rules.load(run.actor, text)
        print(
            _("{rules} is loaded. Somebody else signs it: kansli-tui rules sign", rules=f"{made.name} {made.version}")
        )


@rules.command()
def sign(name: str, version: str, database: Database = None, user: User = None, debug: Debug = False) -> None:
    """Signera ett regelverk som någon annan har läst in."""
    with opened(database, user, debug=debug) as run:
        run.office.rules.sign(run.actor, name, version)


def _new_password(username: str) -> str:
    return os.environ.get("KANSLI_NEW_PASSWORD") or asked_for(_("New password for {user}: ", user=username))

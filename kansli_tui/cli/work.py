"""`kansli-tui orders`, `offers` and `run-day`: the office's work without a screen."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from kansli_tui.cli.common import NEEDS_A_PERSON, AsJson, Database, Debug, Folder, User, day, opened, print_json
from kansli_tui.i18n import _
from kansli_tui.service.summaries import catch_up

orders = typer.Typer(help="PSA-beställningar till laboratoriet.", no_args_is_help=True)
offers = typer.Typer(help="Planer för erbjudanden: skapa, godkänn, provkör, frisläpp.", no_args_is_help=True)


@orders.command(name="export")
def export_orders(
    to: Folder = Path(), database: Database = None, user: User = None, as_json: AsJson = False, debug: Debug = False
) -> None:
    """Skriv väntande beställningar, remisser och avbeställningar som HL7 v2, blanketter och arbetslistor."""
    with opened(database, user, debug=debug) as run:
        made = run.office.orders.export(run.actor, to)
        if as_json:
            print_json(made)
        else:
            print(
                _(
                    "{orders} orders and {cancellations} cancellations sent.",
                    orders=made.orders,
                    cancellations=made.cancellations,
                )
            )
            print(
                _(
                    "{referrals} referrals and {cancellations} cancellations of referrals sent.",
                    referrals=made.referrals,
                    cancellations=made.referral_cancellations,
                )
            )
            for line in (*made.files, *made.left_out):
                print(f"  {line}")
        raise typer.Exit(NEEDS_A_PERSON if made.left_out else 0)


@orders.command()
def receipt(order: str, number: str, database: Database = None, user: User = None, debug: Debug = False) -> None:
    """Skriv tillbaka det kvittensnummer som laboratoriets eller enhetens system gav en beställning eller remiss."""
    with opened(database, user, debug=debug) as run:
        run.office.orders.receipt(run.actor, order, number)


@offers.command()
def plan(
    region: Annotated[str, typer.Option(help="Länskod.")],
    born: Annotated[list[int], typer.Option(help="Födelseår, en eller flera gånger.")],
    per_week: Annotated[int, typer.Option("--per-week", help="Personer i veckan.")],
    start: Annotated[str | None, typer.Option(help="Första dag, ÅÅÅÅ-MM-DD.")] = None,
    pause: Annotated[list[str] | None, typer.Option(help="Vecka utan utskick, ÅÅÅÅ-Wnn.")] = None,
    database: Database = None,
    user: User = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Skriv en plan. Någon annan godkänner den."""
    with opened(database, user, debug=debug) as run:
        made = run.office.offers.create_plan(
            run.actor,
            region=region,
            birth_years=tuple(born),
            per_week=per_week,
            no_send_weeks=tuple(pause or ()),
            starts_on=day(start) if start else run.office.context.today,
        )
        print_json(made) if as_json else print(_("Plan {plan}: {due} people are due.", plan=made.plan_id, due=made.due))


@offers.command()
def approve(plan_id: int, database: Database = None, user: User = None, debug: Debug = False) -> None:
    """Godkänn en plan som någon annan har skrivit."""
    with opened(database, user, debug=debug) as run:
        shown = next((row for row in run.office.offers.plans(run.actor) if row.plan_id == plan_id), None)
        run.office.offers.approve(run.actor, plan_id, version=shown.version if shown else 0)


@offers.command(name="dry-run")
def dry_run(
    plan_id: int, database: Database = None, user: User = None, as_json: AsJson = False, debug: Debug = False
) -> None:
    """Visa vilka som skulle få erbjudande, och vilka inte, efter regel."""
    with opened(database, user, debug=debug) as run:
        made = run.office.offers.dry_run(run.actor, plan_id)
        if as_json:
            print_json(replace(made, why_not_now=_(made.why_not_now, week=made.week)))
            return
        print(
            _(
                "{due} now, {later} later, {all} in the birth years.",
                due=len(made.due),
                later=made.later,
                all=made.in_birth_years,
            )
        )
        for row in made.left_out:
            print(f"  {row.people:>7}  {_(row.rule)}")


@offers.command()
def release(
    plan_id: int, database: Database = None, user: User = None, as_json: AsJson = False, debug: Debug = False
) -> None:
    """Frisläpp veckans personer i en godkänd plan."""
    with opened(database, user, debug=debug) as run:
        shown = next((row for row in run.office.offers.plans(run.actor) if row.plan_id == plan_id), None)
        made = run.office.offers.release(run.actor, plan_id, version=shown.version if shown else 0)
        print_json(made) if as_json else print(
            _("{people} people released in week {week}.", people=made.people, week=made.week)
        )


def run_day(database: Database = None, user: User = None, as_json: AsJson = False, debug: Debug = False) -> None:
    """Gör det som dagens datum kräver: erbjudanden efter förbrev, utgångna provtider, uppskjutna. Kan köras flera gånger."""
    with opened(database, user, debug=debug) as run:
        made = run.office.daily.run(run.actor)
        catch_up(run.office.context)
        if as_json:
            print_json(made)
        else:
            print(
                _(
                    "Offers prepared {offers}, windows expired {expired}, taken up again {resumed}, left for their age {aged_out}.",
                    offers=made.offers,
                    expired=made.expired,
                    resumed=made.resumed,
                    aged_out=made.aged_out,
                )
            )
            if made.unread:
                print(_("Letters in 1177 that nobody has read: {count}. They go on paper.", count=made.unread))

"""The section that defines every figure of a report: what it counts, of what, by which rule of time, and what has been published."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from reportlab.platypus import CondPageBreak

from kansli_tui.pathway.availability import WAITING_LISTS
from kansli_tui.pathway.indicators import COVERAGE_MEANINGS, INDICATORS, PEOPLE_MEANINGS
from kansli_tui.pathway.lead_times import LEAD_TIMES
from kansli_tui.pathway.stats_definitions import DAY_MEANINGS, FACT_MEANINGS
from reports.address import MM
from reports.stats_paper import Heading, text
from reports.stats_tables import Table
from reports.stats_words import NOTHING, sv

_PEOPLE: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "rounds": ("Erbjudanden som skickats i perioden", NOTHING),
        "offered": ("Personer som erbjudits i perioden", "Alla i registret"),
        "offered_of_eligible": (
            "Personer som erbjudits i perioden",
            "Alla i registret utom undantagna och de som lämnat före ett erbjudande",
        ),
        "opted_out": ("Personer som inte vill ha fler erbjudanden", "Alla i registret"),
        "open_without_next_date": (
            "Personer som inget håller: inget steg, ingen dag, ingen uppgift",
            "Alla i registret",
        ),
    }
)


def definitions_section() -> list[Any]:
    """Every indicator, lead time and waiting list."""
    return [Heading("Definitioner"), *_rounds(), *_people(), *_lead_times(), *_lists()]


def _rounds() -> list[Any]:
    table = Table(("Mått", "Täljare", "Nämnare", "Publicerat"), (54, 48, 46, 22))
    for one in INDICATORS:
        table.add(
            f"{sv(one.meaning)} ({one.name})",
            sv(FACT_MEANINGS[one.numerator]),
            sv(FACT_MEANINGS[one.denominator]),
            one.reference or NOTHING,
        )
    said = (
        "Tidsregel: omgångar vars erbjudande skickades i perioden, med allt som var känt vid slutet av dagen som rapporten är "
        "räknad per, även om det hände efter perioden. En omgång räknas i regionen och kommunen där personen bodde när "
        "erbjudandet skickades. Täljaren är alltid en del av nämnaren. Rättade svar räknas som rättade."
    )
    return [Heading("Mått på omgångar", 1), text(said), table.made()]


def _people() -> list[Any]:
    table = Table(("Mått", "Täljare", "Nämnare"), (62, 60, 48))
    for name, meaning in PEOPLE_MEANINGS.items():
        table.add(f"{sv(meaning)} ({name})", *_PEOPLE[name])
    for status, meaning in COVERAGE_MEANINGS.items():
        table.add(
            f"{sv(meaning)} (not_offered_{status})", "Personer i läget, var och en i precis ett", "Alla i registret"
        )
    said = (
        "Tidsregel: personer som finns i registret vid slutet av dagen, i den region där de bor då. Undantagna och avslutade "
        "är uppdelade efter orsak. Lägena blir tillsammans alla i registret. Vem som saknar nästa steg är känt bara för den "
        "dag då rapporten upprättas."
    )
    return [CondPageBreak(70 * MM), Heading("Mått på personer", 1), text(said), table.made()]


def _lead_times() -> list[Any]:
    table = Table(("Ledtid", "Från", "Till", "Mål"), (56, 44, 50, 20))
    for one in LEAD_TIMES:
        target = NOTHING if one.target is None else f"{one.target} dagar"
        table.add(
            f"{sv(one.meaning)} ({one.name})",
            f"Dagen då {sv(DAY_MEANINGS[one.start])}",
            f"Dagen då {sv(DAY_MEANINGS[one.end])}",
            target,
        )
    said = (
        "Tidsregel: kalenderdagar mellan två dagar i samma omgång, för omgångar vars erbjudande skickades i perioden. Kvartiler och "
        "median räknas på dem som har nått slutet; vid jämnt antal i proportion mellan grannarna. Den som inte har nått slutet "
        "väntar, och har väntat till slutet av dagen som rapporten är räknad per. Målen är kansliets egna."
    )
    return [CondPageBreak(70 * MM), Heading("Ledtider", 1), text(said), table.made()]


def _lists() -> list[Any]:
    table = Table(("Lista", "Vem som väntar, och sedan när", "Mål"), (50, 100, 20))
    for one in WAITING_LISTS:
        table.add(sv(one.label), sv(one.meaning), NOTHING if one.target_days is None else f"{one.target_days} dagar")
    said = (
        "Tidsregel: alla som väntade vid dagens slut, oavsett när de erbjöds, i regionen där de var då. Per 10\N{NO-BREAK SPACE}000 är av män "
        "i regionens register som inte har lämnat programmet."
    )
    return [CondPageBreak(70 * MM), Heading("Väntelistor", 1), text(said), table.made()]

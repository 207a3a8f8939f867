"""The section that defines every figure of a report: what it counts, of what, by which rule of time, and what has been published."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from reportlab.platypus import CondPageBreak

from kansli_tui.pathway.availability import WAITING_LISTS
from kansli_tui.pathway.indicators import COVERAGE_MEANINGS, INDICATORS, PEOPLE_MEANINGS, REOFFER_DAYS, Fact
from kansli_tui.pathway.lead_times import LEAD_TIMES, Day
from reports.address import MM
from reports.stats_paper import Heading, text
from reports.stats_tables import Table
from reports.stats_words import NOTHING, sv

_F = Fact
_FACTS: Mapping[Fact, str] = MappingProxyType(
    {
        _F.OFFERED: "Omgångar där ett erbjudande skickats i perioden",
        _F.WINDOW_OPEN: "Inget prov ännu, och erbjudandet gäller fortfarande",
        _F.DECIDED: "Erbjudna som lämnat prov eller vars sista dag har passerat",
        _F.SAMPLED: "Omgångar där prov lämnats",
        _F.UNANALYSABLE: "Provet gick inte att analysera",
        _F.WITH_VALUE: "Omgångar med ett PSA-värde",
        _F.PSA_0_1: "PSA under 1 µg/l",
        _F.PSA_1_2: "PSA från 1 men under 2 µg/l",
        _F.PSA_2_3: "PSA från 2 men under 3 µg/l",
        _F.PSA_3_10: "PSA från 3 men under 10 µg/l",
        _F.PSA_10_20: "PSA från 10 men under 20 µg/l",
        _F.PSA_20_100: "PSA från 20 men under 100 µg/l",
        _F.PSA_100_: "PSA 100 µg/l eller mer",
        _F.RAISED: "PSA 3 µg/l eller mer",
        _F.MRI_DONE: "MR är gjord",
        _F.PIRADS_1: "Högsta PI-RADS är 1",
        _F.PIRADS_2: "Högsta PI-RADS är 2",
        _F.PIRADS_3: "Högsta PI-RADS är 3",
        _F.PIRADS_4: "Högsta PI-RADS är 4",
        _F.PIRADS_5: "Högsta PI-RADS är 5",
        _F.INDICATED: "Omgången har lett till urolog: av PSA, av MR eller av en läkares beslut",
        _F.BIOPSIED: "Biopsi är tagen",
        _F.ISUP_1: "Högsta ISUP är 1",
        _F.ISUP_2_OR_MORE: "Högsta ISUP är 2 eller mer",
        _F.CANCER: "ISUP 1 eller mer",
        _F.TREATED: "En behandling är noterad",
        _F.SURGERY: "Första behandlingen är operation",
        _F.RADIOTHERAPY: "Första behandlingen är strålning",
        _F.SURVEILLANCE: "Första behandlingen är aktiv övervakning",
        _F.OTHER_TREATMENT: "Första behandlingen är en annan",
        _F.NEXT_DUE: f"Omgångar vars nästa erbjudande skulle ha skickats för mer än {REOFFER_DAYS} dagar sedan, eller har skickats",
        _F.REOFFERED_IN_TIME: f"Nästa erbjudande skickades högst {REOFFER_DAYS} dagar före eller efter sin dag",
        _F.FOLLOWED: "Något annat än ett värde under gränsen har kommit ut",
    }
)
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
_DAYS: Mapping[Day, str] = MappingProxyType(
    {
        Day.PRE_LETTER_ON: "förhandsbrevet postades",
        Day.OFFERED_ON: "erbjudandet skickades",
        Day.SAMPLED_ON: "provet togs",
        Day.ANSWERED_ON: "första slutliga svaret på provet kom",
        Day.RAISED_ON: "första slutliga svaret kom, där värdet var förhöjt och MR är vägen vidare",
        Day.LETTER_ON: "svarsbrevet postades",
        Day.MRI_REFERRED_ON: "MR-remissen skickades",
        Day.MRI_DONE_ON: "MR gjordes",
        Day.MRI_ANSWERED_ON: "MR-svaret kom",
        Day.UROLOGY_REFERRED_ON: "remissen till urolog skickades",
        Day.VISITED_ON: "första besöket hos urolog gjordes",
        Day.BIOPSIED_ON: "biopsin togs",
        Day.PATHOLOGY_ON: "PAD-svaret kom",
    }
)


def definitions_section() -> list[Any]:
    """Every indicator, lead time and waiting list."""
    return [Heading("Definitioner"), *_rounds(), *_people(), *_lead_times(), *_lists()]


def _rounds() -> list[Any]:
    table = Table(("Mått", "Täljare", "Nämnare", "Publicerat"), (54, 48, 46, 22))
    for one in INDICATORS:
        table.add(
            f"{sv(one.meaning)} ({one.name})", _FACTS[one.numerator], _FACTS[one.denominator], one.reference or NOTHING
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
            f"{sv(one.meaning)} ({one.name})", f"Dagen då {_DAYS[one.start]}", f"Dagen då {_DAYS[one.end]}", target
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

"""Where invented people live: the municipalities by size, with postcodes and cities that belong to them, and streets found anywhere."""

from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Final

from kansli_tui.pathway.municipalities import MUNICIPALITIES
from kansli_tui.rows.population import Address


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_CITIES: Final = {
    "0509": (5_300, "59931 59932 ÖDESHÖG"),
    "0512": (3_700, "57060 ÖSTERBYMO"),
    "0513": (9_900, "59040 KISA"),
    "0560": (5_500, "59010 BOXHOLM"),
    "0561": (11_300, "59730 59731 ÅTVIDABERG"),
    "0562": (21_600, "61230 61231 61236 61237 FINSPÅNG"),
    "0563": (7_600, "61530 61531 VALDEMARSVIK"),
    "0580": (167_000, "58222 58216 58224 58245 58330 58331 58431 58436 58439 LINKÖPING"),
    "0581": (145_000, "60220 60223 60233 60238 60354 60361 60377 60378 NORRKÖPING"),
    "0582": (14_700, "61430 61431 61434 SÖDERKÖPING"),
    "0583": (44_100, "59130 59135 59136 59146 MOTALA"),
    "0584": (7_500, "59230 59231 59232 VADSTENA"),
    "0586": (28_500, "59530 59531 59540 MJÖLBY; 59630 59634 SKÄNNINGE"),
    "0604": (6_900, "57831 57832 57833 ANEBY"),
    "0617": (9_400, "33530 33531 GNOSJÖ"),
    "0642": (7_300, "56531 56532 56533 MULLSJÖ"),
    "0643": (13_000, "56631 56632 56633 HABO"),
    "0662": (29_600, "33230 33231 33235 GISLAVED; 33330 33331 SMÅLANDSSTENAR; 33431 33432 ANDERSTORP"),
    "0665": (14_800, "56731 56732 VAGGERYD; 56831 56832 SKILLINGARYD"),
    "0680": (
        146_000,
        "55333 55338 55446 55448 55625 55626 JÖNKÖPING; 56131 56141 HUSKVARNA; 56331 GRÄNNA; 56431 BANKERYD",
    ),
    "0682": (31_500, "57131 57132 57134 57138 NÄSSJÖ"),
    "0683": (34_900, "33130 33131 33135 33141 VÄRNAMO"),
    "0684": (11_700, "57631 57632 57633 SÄVSJÖ"),
    "0685": (27_500, "57431 57432 57434 57438 VETLANDA"),
    "0686": (17_800, "57531 57532 57534 57536 EKSJÖ"),
    "0687": (18_800, "57331 57332 57335 57336 TRANÅS"),
    "0821": (5_600, "57930 HÖGSBY"),
    "0834": (7_000, "38530 38531 TORSÅS"),
    "0840": (15_900, "38630 38632 38635 FÄRJESTADEN; 38650 MÖRBYLÅNGA"),
    "0860": (14_000, "57730 57731 57733 57736 HULTSFRED"),
    "0861": (13_300, "38330 38331 38334 MÖNSTERÅS; 38430 BLOMSTERMÅLA"),
    "0862": (9_200, "36130 36131 36132 EMMABODA"),
    "0880": (72_300, "39230 39231 39233 39236 39351 39355 39365 KALMAR"),
    "0881": (20_100, "38230 38231 38234 38240 NYBRO"),
    "0882": (27_100, "57230 57231 57234 57241 OSKARSHAMN"),
    "0883": (36_500, "59330 59332 59335 59338 VÄSTERVIK; 59431 59432 GAMLEBY"),
    "0884": (15_400, "59830 59834 59837 59840 VIMMERBY"),
    "0885": (10_900, "38730 38731 38733 38736 BORGHOLM"),
}
"""Inhabitants (about 2023) and cities with a few of their postcodes."""

_FIRST: Final = _words(
    "Stor Kyrko Järnvägs Skol Björk Ängs Park Trädgårds Väster Öster Norr Söder Ås Sjö Ek Lind Rönn Hagel Kungs Drottning Nygårds Smed Kvarn "
    "Bergs Sol Tall Gran Asp Vall Brunns Fabriks Hamn Backe Lärk Trast Svan Hägg Fjäll Ljung Blåbärs Köpmans Hantverkar Slåtter Åker"
)
_LAST: Final = ("gatan", "vägen", "gatan", "vägen", "stigen", "gränd")
_FARM: Final = _words(
    "Norrgården Södergården Västergård Ekbacken Lillgården Backen Sjöstugan Kvarnen Åsen Björkhult Hultet Torpet Äng Näset Stensholm Ryd"
)
_BOXES: Final = ("Boendet Eken", "Vårdhemmet Solsidan", "Anstalten")
_SHARE_FLATS: Final = 0.42
_SHARE_FARMS: Final = 0.12


@dataclass(frozen=True, slots=True)
class _Place:
    municipality: str
    cities: tuple[tuple[tuple[str, ...], str], ...]


class Places:
    """The municipalities of some regions, drawn in proportion to their inhabitants."""

    def __init__(self, regions: tuple[str, ...]) -> None:
        chosen = [code for code in _CITIES if MUNICIPALITIES[code].region in regions]
        self._places = [_Place(code, _cities(_CITIES[code][1])) for code in chosen]
        self._weights = list(accumulate(_CITIES[code][0] for code in chosen))

    def draw(self, rng: Random) -> tuple[str, str, str]:
        """A municipality code, a postcode and its city. The first-named city of a municipality is the largest."""
        place = rng.choices(self._places, cum_weights=self._weights)[0]
        postcodes, city = place.cities[int(rng.random() ** 2 * len(place.cities))]
        return place.municipality, postcodes[int(rng.random() * len(postcodes))], city


def home_address(rng: Random, postcode: str, city: str, co: str = "") -> Address:
    """A street, flat or farm in the given city; the street stands in the second line, as in the register."""
    drawn = rng.random()
    if drawn < _SHARE_FARMS:
        street = f"{_FARM[int(rng.random() * len(_FARM))]} {1 + int(rng.random() * 9)}"
    else:
        name = _FIRST[int(rng.random() * len(_FIRST))] + _LAST[int(rng.random() * len(_LAST))]
        street = f"{name} {1 + int(rng.random() ** 2 * 98)}"
        if drawn < _SHARE_FARMS + _SHARE_FLATS:
            street += f" lgh 1{int(rng.random() * 6)}0{1 + int(rng.random() * 6)}"
        elif drawn > 0.93:
            street += " B"
    return Address(co=co, line_2=street, postcode=postcode, city=city)


def special_address(rng: Random, postcode: str, city: str) -> Address:
    """An address that somebody has asked to have his mail sent to."""
    name = _BOXES[int(rng.random() * len(_BOXES))]
    return Address(line_1=name, line_2=f"Box {1 + int(rng.random() * 400)}", postcode=postcode, city=city)


def _cities(text: str) -> tuple[tuple[tuple[str, ...], str], ...]:
    split = (city.split() for city in text.split("; "))
    return tuple((tuple(postcodes), name) for *postcodes, name in split)

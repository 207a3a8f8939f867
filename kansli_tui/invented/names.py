"""Names for invented men: given and family names that go together, roughly as common as among Swedish men born 1950-1980."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, TypeVar

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class InventedName:
    """Given names with the register's mark for the ones he goes by, a middle name or "", and a family name."""

    given_names: str
    preferred_mark: str
    middle_name: str
    family_name: str


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_SWEDISH_GIVEN: Final = _words(
    "Lars Mikael Anders Johan Per Karl Erik Jan Peter Thomas Hans Fredrik Bengt Daniel Bo Nils Stefan Magnus Mats Göran Björn Åke Leif Sven "
    "Ulf Jonas Mattias Martin Håkan Urban Patrik Christer Kjell Henrik Gunnar Olof Kent Tommy Roger Rolf Claes Ola Marcus Pär Jörgen Torbjörn "
    "Conny Staffan Rickard Niklas Roland Joakim Kenneth Tobias Ingemar Jimmy Tony Dan Stig Arne Börje Östen Örjan Dag Love Sixten Tage Helge "
    "Viktor Gustav Axel Emil Oskar August Elis Birger Bertil Roine Ronny Glenn Robert Andreas David Christian Mårten Jerker Sören"
)
_SWEDISH_DOUBLE: Final = _words(
    "Karl-Erik Lars-Göran Jan-Olof Sven-Åke Per-Olof Carl-Johan Bo-Göran Nils-Erik Lars-Erik Jan-Erik Per-Åke Karl-Gustav Ulf-Peter Lars-Åke"
)
_SWEDISH_FAMILY: Final = _words(
    "Johansson Andersson Karlsson Nilsson Eriksson Larsson Olsson Persson Svensson Gustafsson Pettersson Jonsson Jansson Hansson Bengtsson "
    "Jönsson Petersson Carlsson Magnusson Lindberg Gustavsson Olofsson Lindström Lindgren Axelsson Jakobsson Lundberg Bergström Lundgren Berg "
    "Berglund Fredriksson Mattsson Sandberg Henriksson Sjöberg Forsberg Lindqvist Lind Engström Håkansson Danielsson Eklund Lundin Gunnarsson "
    "Bergman Holm Samuelsson Fransson Johnsson Lundqvist Nyström Arvidsson Holmberg Isaksson Björk Nyberg Wikström Söderberg Mårtensson Claesson "
    "Nordström Eliasson Lundström Björklund Hermansson Berggren Sandström Nordin Ström Åberg Falk Hedlund Ekström Dahlberg Sundberg Öberg "
    "Åkesson Månsson Ek Hellström Abrahamsson Blom Hedberg Jonasson Sjögren Åström Strömberg Dahl Rosén Löfgren Norberg Östlund Öhman Skoglund "
    "Rask Modig Sköld Frisk Hägg Ståhl Wallén Kvist Ljung Rydén Thörn Ekdahl Hallqvist Wennerström Bäck Äng Österberg"
)

_ORIGINS: Final = (
    (
        "Łukasz Paweł Grzegorz Andrzej Tomasz Zbigniew Wojciech",
        "Wiśniewski Wójcik Kamiński Zieliński Woźniak Dąbrowski Kozłowski",
    ),
    ("Mehmet İbrahim Hüseyin Ömer Çetin Yusuf Oğuz", "Çelik Yıldız Şahin Öztürk Kılıç Doğan Aydın"),
    ("Văn Minh Đức Hùng Tuấn Quốc Thành", "Nguyễn Trần Lê Phạm Võ Đặng Bùi"),
    ("Đorđe Željko Dragan Zoran Nenad Miroslav Goran", "Đorđević Petrović Jovanović Kovačević Nikolić Živković Ilić"),
    ("Emir Senad Mirsad Samir Nedžad Fikret Haris", "Hadžić Mujkić Begić Šehić Delić Salihović Karić"),
    ("Ahmad Mahmoud Khaled Hassan Omar Samir Bassam", "Al-Khalil Haddad Khoury Mansour Saleh Al-Masri Nasser"),
    ("Jari Seppo Timo Hannu Juhani Väinö Pekka", "Mäkelä Korhonen Virtanen Hämäläinen Järvinen Niemelä Lähteenmäki"),
    ("Reza Ali Behrouz Farhad Kourosh Mehdi Nader", "Hosseini Ahmadi Karimi Rostami Moradi Jafari Tehrani"),
    ("Abdi Mohamed Ismail Yusuf Abdullahi Hassan Farah", "Warsame Abdi Hussein Jama Farah Nur Aden"),
    ("Jürgen Günter Klaus Dieter Wolfgang Uwe Jörg", "Müller Schröder Krüger Böhm Weiß Köhler Vogel"),
    ("José Andrés Hernán Ramón Jesús Raúl Martín", "González Núñez Ibáñez Muñoz Pérez Araya Sepúlveda"),
    ("Ștefan Gheorghe Ionuț Mihai Răzvan Dănuț Cătălin", "Popescu Țurcanu Ionescu Mureșan Stănescu Brânză Lupașcu"),
    ("Tesfay Berhane Yonas Haile Mehari Kidane Girmay", "Tekle Ghebre Haile Tesfamariam Woldu Habte Mebrahtu"),
)
_FOREIGN: Final = tuple((_words(given), _words(family)) for given, family in _ORIGINS)

_SHARE_FOREIGN: Final = 0.16
_SHARE_DOUBLE: Final = 0.05
_SHARE_MIDDLE: Final = 0.08


def invented_name(rng: Random, *, foreign: bool = False) -> InventedName:
    """One man's name; `foreign` asks for one from abroad."""
    if foreign or rng.random() < _SHARE_FOREIGN:
        given, family = _pick(rng, _FOREIGN)
        return InventedName(_pick(rng, given), "10", "", _pick(rng, family))
    family_name = _common(rng, _SWEDISH_FAMILY)
    middle_name = _common(rng, _SWEDISH_FAMILY) if rng.random() < _SHARE_MIDDLE else ""
    if rng.random() < _SHARE_DOUBLE:
        # The register counts names joined by a hyphen as two.
        return InventedName(
            f"{_pick(rng, _SWEDISH_DOUBLE)} {_common(rng, _SWEDISH_GIVEN)}", "12", middle_name, family_name
        )
    names = [_common(rng, _SWEDISH_GIVEN)]
    for _ in range(rng.choices((0, 1, 2), (25, 60, 15))[0]):
        name = _common(rng, _SWEDISH_GIVEN)
        if name not in names:
            names.append(name)
    mark = "20" if len(names) > 1 and rng.random() < 0.3 else "10"
    return InventedName(" ".join(names), mark, middle_name if middle_name != family_name else "", family_name)


def _pick(rng: Random, among: Sequence[_T]) -> _T:
    return among[int(rng.random() * len(among))]


def _common(rng: Random, among: Sequence[str]) -> str:
    """One of the names; the first in the list are the most common."""
    return among[int(rng.random() ** 1.7 * len(among))]

"""The letter texts hold together, and say what they must."""

from importlib import resources

import pytest

from kansli_tui.errors import LetterError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.rows.letters import VALUE_RULES
from reports.delivered import delivered_text
from reports.letters import plain_text
from reports.templates import Kind, compose, fill, parse, read_text
from tests.reports.letter_factory import letter

EVERY = [(letter_type, language) for letter_type in LetterType for language in ("sv", "en")]
OFFERS = [LetterType.OFFER, LetterType.OFFER_AFTER_NO_SAMPLE, LetterType.OFFER_AFTER_INTERVAL]
ANSWERS = [LetterType.PSA_LOW, LetterType.PSA_TWO_YEARS, LetterType.PSA_RAISED, LetterType.PSA_VERY_HIGH]


def flat(letter_type, language="sv"):
    return " ".join(plain_text(letter(letter_type, language)).replace("\n| ", "\n").split())


@pytest.mark.parametrize(("letter_type", "language"), EVERY)
def test_a_text_uses_every_value_its_type_must_have(letter_type, language):
    rules = VALUE_RULES[letter_type]
    used = frozenset().union(
        *(block.names | {block.condition} for block in read_text(delivered_text(letter_type, language)[1], letter_type))
    )
    assert rules.known <= used


@pytest.mark.parametrize(("letter_type", "language"), EVERY)
def test_a_text_begins_with_one_title_and_a_message(letter_type, language):
    kinds = [block.kind for block in read_text(delivered_text(letter_type, language)[1], letter_type)]
    assert kinds[:2] == [Kind.TITLE, Kind.BOX]
    assert kinds.count(Kind.TITLE) == 1
    assert kinds.count(Kind.BOX) == 1


@pytest.mark.parametrize("letter_type", list(LetterType))
def test_the_two_languages_have_the_same_headings_and_lists(letter_type):
    def shape(language):
        return [
            block.kind
            for block in read_text(delivered_text(letter_type, language)[1], letter_type)
            if block.kind is not Kind.PARAGRAPH
        ]

    assert shape("sv") == shape("en")


def test_no_text_summons_or_names_a_sex():
    folder = resources.files("reports") / "texts"
    files = [file for file in folder.iterdir() if file.name.endswith(".sv.txt")]
    assert len(files) == len(LetterType) + 4
    for file in files:
        words = {word.strip(".,?!:()").casefold() for word in file.read_text(encoding="utf-8").split()}
        assert not words & {"kallelse", "kallas", "kallar", "män", "männen", "herr", "screening", "svf", "måste"}


@pytest.mark.parametrize("letter_type", OFFERS)
@pytest.mark.parametrize(
    "promise",
    [
        "frivilligt",
        "Gör ingenting om du inte vill",
        "Fördelar",
        "Nackdelar",
        "magnetkamera",
        "vävnadsprov",
        "Ta med legitimation",
        "kostar ingenting",
        "14 juni 2026",
        "OPT-2026-000123",
        "inom två veckor",
        "08-465 004 10, vardagar klockan 10–12",
        "folkbokföringen",
        "kvalitetsregister",
        "Integritetsskyddsmyndigheten",
    ],
)
def test_an_offer_says_all_that_an_offer_must(letter_type, promise):
    assert promise in flat(letter_type)


@pytest.mark.parametrize("letter_type", ANSWERS)
def test_an_answer_says_value_meaning_next_step_and_symptoms(letter_type):
    text = flat(letter_type)
    assert "µg/l" in text
    assert "Vad betyder svaret?" in text
    assert "Vad händer" in text
    assert "27 februari 2026" in text
    assert "besvär" in text or "Sök vård direkt" in text


@pytest.mark.parametrize(
    ("letter_type", "promises"),
    [
        (
            LetterType.MRI_CALL,
            (
                "tid tisdag 24 mars 2026 kl. 10.00",
                "ersätter den fredag 20 mars 2026 kl. 08.30",
                "Ring dem på 08-465 004 44",
                "byta tid eller avboka",
                "frivillig",
                "utan röntgenstrålar",
                "pacemaker",
                "metall",
                "njurfunktion",
                "Ta med legitimation",
                "inom två veckor",
                "fyra veckor",
            ),
        ),
        (
            LetterType.MRI_NO_BIOPSY,
            ("inte lämna vävnadsprov", "10 mars 2026", "3,4 µg/l", "27 februari 2026", "PSA-prov år 2028", "besvär"),
        ),
        (
            LetterType.MRI_UROLOGY,
            ("Urologmottagningen", "senast den 11 april 2026", "betyder inte att du har cancer", "Ring oss", "besvär"),
        ),
        (LetterType.MRI_NOT_DONE, ("Vill du göra undersökningen? Ring oss", "PSA-prov år 2028", "frivillig", "besvär")),
        (LetterType.BIOPSY_BENIGN, ("ingen cancer", "3 mars 2026", "PSA-prov år 2028", "feber", "besvär")),
        (
            LetterType.CORRECTION,
            ("var fel", "ber om ursäkt", "nytt brev om vad som händer", "inom två veckor", "Ring oss", "besvär"),
        ),
        (
            LetterType.HANDED_OVER,
            ("Region Kalmar län", "Inget har gått förlorat", "gäller tills någon ringer", "Region Jönköpings län"),
        ),
    ],
)
def test_a_letter_along_the_way_says_what_it_must(letter_type, promises):
    text = flat(letter_type)
    assert [promise for promise in promises if promise not in text] == []


def test_a_missed_examination_is_told_without_a_reason():
    words = set(flat(LetterType.MRI_NOT_DONE).casefold().replace(",", " ").replace(".", " ").split())
    assert not words & {"uteblev", "uteblivit", "missade", "avbokade", "avböjde", "glömde", "kontraindikation"}


def test_a_very_high_value_is_told_by_phone_first():
    text = flat(LetterType.PSA_VERY_HIGH)
    assert "Vi ringer dig innan brevet kommer" in text
    assert "11 april 2026" in text


def test_a_value_that_looks_like_a_placeholder_stays_as_it_is():
    values = dict(letter(LetterType.PSA_RAISED).values) | {"mri_unit": "{psa} {phone} {0.__class__}"}
    texts = " ".join(piece.text for piece in compose(letter(LetterType.PSA_RAISED, values=values)))
    assert "{psa} {phone} {0.__class__} ringer eller skriver" in texts
    assert fill("{a}{b}", {"a": "{b}", "b": "2"}) == "{b}2"


@pytest.mark.parametrize("line", ["{unknown}", "[unknown] text", "{psa", "{psa:>9}", "{psa.real}", "} x"])
def test_a_text_with_a_placeholder_no_letter_fills_refuses(line):
    with pytest.raises(LetterError, match="placeholder no letter fills"):
        parse([line], frozenset({"psa"}))


def test_the_format_reads_as_written():
    blocks = parse(
        ["# T", "text", "two", "", "## H", "- a", "- [psa] b", "  more", "> lead", "> rest", "", "[!psa] not"],
        frozenset({"psa"}),
    )
    assert [(block.kind.value, block.text, block.condition, block.absent) for block in blocks] == [
        ("title", "T", "", False),
        ("paragraph", "text two", "", False),
        ("heading", "H", "", False),
        ("item", "a", "", False),
        ("item", "b more", "psa", False),
        ("box", "lead\nrest", "", False),
        ("paragraph", "not", "psa", True),
    ]

"""The letter texts hold together, and say what they must."""

import re
from itertools import chain

import pytest

from kansli_tui.errors import LetterError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.rows.letters import VALUE_RULES
from reports.delivered import delivered_text, delivered_texts
from reports.letters import plain_text, render_batch
from reports.templates import SHARED, Kind, compose, fill, parse, read_text
from tests.reports.letter_factory import CREATED, letter, values_for

OFFICE_MATTERS = frozenset(
    {
        LetterType.OPT_OUT_CONFIRMED,
        LetterType.AGE_EXIT,
        LetterType.CORRECTION,
        LetterType.HANDED_OVER,
        LetterType.REGISTER_OPT_OUT_CONFIRMED,
    }
)
"""Letters that neither offer nor answer anything: they have no easy-read text and are sent in Swedish."""
EASY = [letter_type for letter_type in LetterType if letter_type not in OFFICE_MATTERS]
EVERY = [(letter_type, language) for letter_type in LetterType for language in ("sv", "en")]
EVERY += [(letter_type, "sv-simple") for letter_type in EASY]
OFFERS = [LetterType.OFFER, LetterType.OFFER_AFTER_NO_SAMPLE, LetterType.OFFER_AFTER_INTERVAL]
ANSWERS = [LetterType.PSA_LOW, LetterType.PSA_TWO_YEARS, LetterType.PSA_RAISED, LetterType.PSA_VERY_HIGH]


def flat(letter_type, language="sv"):
    return " ".join(plain_text(letter(letter_type, language)).replace("\n| ", "\n").split())


def blocks_of(letter_type, language):
    return read_text(delivered_text(letter_type, language)[1], letter_type)


def names_in(blocks):
    """What a text shows or asks for, the region's phone and name included."""
    return frozenset(chain.from_iterable(block.names | ({block.condition} - {""}) for block in blocks))


@pytest.mark.parametrize(("letter_type", "language"), EVERY)
def test_a_text_uses_every_value_its_type_must_have(letter_type, language):
    assert VALUE_RULES[letter_type].known <= names_in(blocks_of(letter_type, language))


@pytest.mark.parametrize(("letter_type", "language"), EVERY)
def test_a_text_begins_with_one_title_and_a_message(letter_type, language):
    kinds = [block.kind for block in blocks_of(letter_type, language)]
    assert kinds[:2] == [Kind.TITLE, Kind.BOX]
    assert kinds.count(Kind.TITLE) == 1
    assert kinds.count(Kind.BOX) == 1


@pytest.mark.parametrize("letter_type", list(LetterType))
def test_the_two_languages_have_the_same_headings_and_lists(letter_type):
    def shape(language):
        return [block.kind for block in blocks_of(letter_type, language) if block.kind is not Kind.PARAGRAPH]

    assert shape("sv") == shape("en")


@pytest.mark.parametrize(("letter_type", "language"), EVERY)
def test_the_message_box_has_three_lines_at_most(letter_type, language):
    box = next(block for block in blocks_of(letter_type, language) if block.kind is Kind.BOX)
    assert len(box.text.splitlines()) <= 3


def test_every_text_there_is_has_its_languages():
    shared = {"offer", "sampling", "questions", "symptoms"}
    names = {letter_type.value for letter_type in LetterType} | {SHARED + part for part in shared}
    easy = names - {letter_type.value for letter_type in OFFICE_MATTERS}
    expected = {(name, language) for name in names for language in ("sv", "en")} | {
        (name, "sv-simple") for name in easy
    }
    assert delivered_texts().keys() == expected


def test_no_text_summons_or_names_a_sex():
    swedish = [text for text in delivered_texts().values() if text.language.startswith("sv")]
    for text in swedish:
        words = {word.strip(".,?!:()").casefold() for word in text.body.split()}
        assert not words & {"kallelse", "kallas", "kallar", "män", "männen", "herr", "screening", "svf", "måste"}


class TestEasyRead:
    """Limits are of this office: about half of a usual official letter, and below LIX 30, which counts as very easy."""

    @pytest.mark.parametrize("letter_type", EASY)
    def test_it_names_what_the_swedish_letter_names(self, letter_type):
        swedish, easy = (names_in(blocks_of(letter_type, language)) for language in ("sv", "sv-simple"))
        assert swedish - easy == frozenset()

    @pytest.mark.parametrize("letter_type", EASY)
    def test_its_headings_are_questions(self, letter_type):
        headings = [block.text for block in blocks_of(letter_type, "sv-simple") if block.kind is Kind.HEADING]
        assert [heading for heading in headings if not heading.endswith("?")] == []

    @pytest.mark.parametrize("letter_type", EASY)
    def test_its_sentences_are_short_and_its_words_common(self, letter_type):
        sentences = sentences_of(letter_type, "sv-simple")
        assert [sentence for sentence in sentences if len(sentence) > 12] == []
        assert words_a_sentence(sentences) < 7
        assert lix(sentences) < 25
        assert words_a_sentence(sentences) < words_a_sentence(sentences_of(letter_type, "sv"))

    @pytest.mark.parametrize(
        ("letter_type", "promises"),
        [
            (LetterType.PSA_RAISED, ("frivilligt", "pacemaker", "senast den 11 april 2026? Ring oss", "fyra veckor")),
            (LetterType.PSA_VERY_HIGH, ("Ring 112", "inte kan kissa", "domnad i benen", "nästa vardag")),
            (LetterType.REPEAT_SAMPLE, ("frivilligt", "14 juni 2026", "inget svar den här gången", "kissa")),
            (
                LetterType.MRI_CALL,
                ("frivillig", "pacemaker", "metall", "njurar", "byta tid eller avboka", "legitimation"),
            ),
            (
                LetterType.MRI_UROLOGY,
                ("blodförtunnande", "11 april 2026", "Du bestämmer själv", "Bara vävnadsprov kan visa"),
            ),
            (LetterType.MRI_NOT_DONE, ("frivillig", "Ring oss", "PSA-prov år 2028", "kissa")),
            (LetterType.BIOPSY_BENIGN, ("ingen cancer", "inte helt säkert", "PSA-prov år 2028", "feber", "samma dag")),
            (
                LetterType.PRE_LETTER,
                ("28 mars 2026", "kostar ingenting", "folkbokföringen", "Ring oss", "svårt att kissa"),
            ),
        ],
    )
    def test_it_says_what_matters_for_the_safety(self, letter_type, promises):
        text = flat(letter_type, "sv-simple")
        assert [promise for promise in promises if promise not in text] == []

    def test_it_takes_one_page_and_an_offer_two(self):
        """Also with the longest name a unit has, and where the person rings to have the test ordered."""
        letters = [
            letter(kind, "sv-simple", letter_id=f"B-{kind}-{number}", values=values)
            for kind in EASY
            for number, values in enumerate(variants_of(kind))
        ]
        pages = {placed.letter_id: placed.pages for placed in render_batch(letters, created=CREATED).pages}
        assert [one.letter_id for one in letters if pages[one.letter_id] != (2 if one.type in OFFERS else 1)] == []

    def test_the_measure_is_the_one_of_the_books(self):
        """Björnsson's: words a sentence, and the share in per cent of words longer than six letters."""
        sentences = [["Du", "får", "ett", "brev"], ["Provtagningen", "är", "frivillig", "nu"]]
        assert words_a_sentence(sentences) == 4
        assert lix(sentences) == 4 + 25


def variants_of(kind):
    """The values of a type, and those that make other blocks or longer ones."""
    values = values_for(kind)
    yield values
    if "next_year" in values:
        yield {name: value for name, value in values.items() if name != "next_year"} | {"last_year": 2027}
    if "order_number" in values:
        yield {name: value for name, value in values.items() if name != "order_number"}
    yield from (values | {name: "Röntgenkliniken " * 5} for name in ("mri_unit", "urology_unit") if name in values)


def sentences_of(letter_type, language):
    """The words of each sentence of the letter; a line of a list or of the box counts as a sentence."""
    text = "\n".join(piece.text for piece in compose(letter(letter_type, language)))
    parts = re.split(r"[.?!:](?=\s|$)|\n", text)
    return [[word.strip(",()") for word in part.split()] for part in parts if part.split()]


def words_a_sentence(sentences):
    return sum(map(len, sentences)) / len(sentences)


def lix(sentences):
    words = list(chain.from_iterable(sentences))
    return words_a_sentence(sentences) + 100 * sum(len(word) > 6 for word in words) / len(words)


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
    for language in ("sv", "sv-simple"):
        assert promise.casefold() in flat(letter_type, language).casefold()


@pytest.mark.parametrize("letter_type", ANSWERS)
@pytest.mark.parametrize("language", ["sv", "sv-simple"])
def test_an_answer_says_value_meaning_next_step_and_symptoms(letter_type, language):
    text = flat(letter_type, language)
    assert "µg/l" in text
    assert "Vad betyder svaret?" in text
    assert "Vad händer" in text
    assert "27 februari 2026" in text
    assert "besvär" in text or "Sök vård direkt" in text or "vård direkt?" in text


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
            ("Urologmottagningen", "senast den 11 april 2026", "Bara vävnadsprov kan visa", "Ring oss", "besvär"),
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


@pytest.mark.parametrize("language", ["sv", "sv-simple"])
def test_a_missed_examination_is_told_without_a_reason(language):
    words = set(flat(LetterType.MRI_NOT_DONE, language).casefold().replace(",", " ").replace(".", " ").split())
    assert not words & {"uteblev", "uteblivit", "missade", "avbokade", "avböjde", "glömde", "kontraindikation"}


@pytest.mark.parametrize("language", ["sv", "sv-simple"])
def test_a_very_high_value_is_told_by_phone_first(language):
    text = flat(LetterType.PSA_VERY_HIGH, language)
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

"""The pure parts of the layout: text, addresses, pages of blocks, the manifest, and what is loaded when."""

import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kansli_tui.errors import LetterError
from kansli_tui.rows.letters import Recipient
from reports import page
from reports.address import MM, SIZES, address_lines, fit_address
from reports.flow import paginate
from reports.fonts import faces
from reports.letters import PREVIEW_WIDTH, calibration_page, plain_text
from reports.text import clean, format_date, format_decimal, format_postcode, lacking, para, visible
from reports.typeset import broken
from tests.reports.letter_factory import RECIPIENT, letter
from tests.reports.pdf_reading import page_texts, text_inside


class TestText:
    def test_markup_is_escaped_and_accents_composed(self):
        assert para("<b>&amp;</b> e\u0301") == "&lt;b&gt;&amp;amp;&lt;/b&gt; é"

    def test_white_space_becomes_one_space_and_control_characters_stay(self):
        assert clean("  Bo\t\n Ek\u00a0\x1b ") == "Bo Ek \x1b"

    def test_what_cannot_be_seen_is_written_out(self):
        assert visible("Bo\x1b[2J\u200bEk\u202e") == "Bo‹U+001B›[2J‹U+200B›Ek‹U+202E›"

    @given(st.text())
    def test_everything_visible_is_printable(self, text):
        assert visible(clean(text)).isprintable()

    @given(st.text())
    def test_cleaning_is_done_after_once(self, text):
        once = clean(text)
        assert clean(once) == once
        assert unicodedata.is_normalized("NFC", once)

    def test_a_lacking_glyph_is_known_by_its_code(self):
        assert lacking("AB", {ord("A")}) == "U+0042"
        assert lacking("A\u00a0A", {ord("A"), 0xA0}) == ""
        assert lacking("A\x1b", {ord("A"), 0x1B}) == "U+001B"
        assert lacking("e\u0301", {0xE9}) == ""

    def test_dates_and_numbers_as_people_read_them(self):
        assert clean(format_date(date(2026, 3, 14), "sv")) == "14 mars 2026"
        assert clean(format_date(date(2026, 12, 1), "en")) == "1 December 2026"
        assert format_decimal(Decimal("3.40"), "sv") == "3,40"
        assert format_decimal(Decimal("1E+2"), "en") == "100"

    def test_postcodes(self):
        assert format_postcode("55333") == format_postcode("553 33") == "553 33"
        for wrong in ("5533", "553333", "SE-553", "٥٥٣٣٣", "55333\n"):
            with pytest.raises(LetterError):
                format_postcode(wrong)


def by_letters(text, size):
    """A width that is easy to reckon with: half the type size for every character."""
    return len(text) * size / 2


class TestAddress:
    def test_the_form_swedish_post_asks_for(self):
        assert address_lines(RECIPIENT)[-1] == "553 33  JÖNKÖPING"
        assert "" not in address_lines(Recipient("Bo", ("", " ", "Gata 1"), "55333", "Åmål"))

    def test_a_foreign_address_ends_with_the_country_in_capitals(self):
        assert address_lines(Recipient("Bo", ("Gata 1",), "0150", "Oslo", "Norge")) == (
            "Bo",
            "Gata 1",
            "0150 Oslo",
            "NORGE",
        )

    @given(st.lists(st.text("abc -", min_size=1, max_size=70).map(str.strip).filter(bool), min_size=2, max_size=8))
    def test_what_fits_is_whole_and_inside(self, lines):
        box = page.SHEETS["H2"].address
        try:
            fitted = fit_address(tuple(lines), box, by_letters)
        except LetterError:
            smallest, leading = SIZES[-1]
            too_many = len(lines) * leading > box.height * MM
            assert too_many or any(by_letters(line, smallest) > box.width * MM for line in lines)
            return
        assert "".join("".join(fitted.lines).split()) == "".join("".join(lines).split())
        assert len(fitted.lines) * fitted.leading <= box.height * MM
        assert all(by_letters(line, fitted.size) <= box.width * MM for line in fitted.lines)
        assert 10 <= fitted.size <= 12


class TestLines:
    @given(st.lists(st.text("aåWi-.–\u00a0", min_size=1, max_size=80), min_size=1, max_size=30), st.integers(20, 300))
    def test_every_word_is_whole_and_no_line_is_too_wide(self, words, across):
        face = faces()["SourceSansPro"]
        lines = broken(" ".join(words), face, 10.0, across)
        assert "".join(lines).replace(" ", "") == "".join(words)
        assert all(face.width(line, 10.0) <= across + 1e-6 for line in lines)

    def test_a_line_is_as_full_as_it_can_be(self):
        face = faces()["SourceSansPro"]
        room = face.width("ett två", 10.0)
        assert broken("ett två ett två", face, 10.0, room + 0.01) == ["ett två", "ett två"]
        assert broken("ett två ett två", face, 10.0, room - 0.01) == ["ett", "två", "ett", "två"]


@dataclass(frozen=True)
class Brick:
    height: float
    before: float = 0
    keep: bool = False


class TestFlow:
    @given(st.lists(st.builds(Brick, st.integers(1, 40), st.integers(0, 10), st.booleans()), max_size=40))
    def test_nothing_is_lost_clipped_or_out_of_order(self, bricks):
        try:
            pages = paginate(bricks, 100, 150)
        except LetterError:
            chains = sum(brick.height + brick.before for brick in bricks)
            assert chains > 100
            return
        assert [brick for placed in pages for brick, _ in placed] == bricks
        for room, placed in zip([100, *[150] * len(pages)], pages, strict=False):
            floor = 0.0
            for brick, top in placed:
                assert top >= floor
                floor = top + brick.height
            assert floor <= room

    def test_a_heading_moves_with_its_text(self):
        heading, text = Brick(10, keep=True), Brick(20)
        pages = paginate([Brick(80), heading, text], 100, 100)
        assert [brick for brick, _ in pages[1]] == [heading, text]

    def test_a_block_taller_than_the_page_refuses(self):
        with pytest.raises(LetterError, match="taller than the page"):
            paginate([Brick(101)], 100, 100)


class TestAroundTheLetter:
    def test_the_preview_keeps_to_its_width_and_says_that_the_person_is_invented(self):
        text = plain_text(letter(recipient=Recipient("Bo \x1bEk", ("Gata 1",), "55333", "Jönköping")))
        assert max(map(len, text.splitlines())) <= PREVIEW_WIDTH
        assert "PÅHITTAD PERSON" in text
        assert "Bo ‹U+001B›Ek" in text
        assert "\x1b" not in text

    @pytest.mark.parametrize("window", ["H2", "V2"])
    def test_the_calibration_page_shows_an_example_address_in_the_window(self, window):
        pdf = calibration_page(window)
        assert text_inside(pdf, 0, page.SHEETS[window].clear).startswith("FörnamnEfternamnsson")
        assert window in page_texts(pdf)[0]
        assert pdf == calibration_page(window)

    def test_the_calibration_page_of_an_unknown_window_refuses(self):
        with pytest.raises(LetterError, match="Set it to H2 or V2"):
            calibration_page("C5")

    def test_reportlab_is_not_loaded_before_a_letter_is_set(self):
        code = "import sys, reports.balance, reports.letters, reports.manifest, reports.referral_form; sys.exit('reportlab' in sys.modules)"
        assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0

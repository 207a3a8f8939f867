"""The requirements of PDF/A-2b that apply to these files, asked one by one of a mixed batch and of one letter out of it."""

import re
from functools import cache
from io import BytesIO

import pikepdf
import pypdfium2
import pytest
import zxingcpp

from kansli_tui.errors import LetterError
from kansli_tui.pathway.letter_types import LetterType
from reports.letters import calibration_page, extract, render_batch
from tests.reports.letter_factory import CREATED, letter
from tests.reports.pdf_reading import page_texts

LETTERS = [
    letter(LetterType.OFFER, letter_id="B-1"),
    letter(LetterType.PSA_RAISED, "en", letter_id="B-2", enclosure="Hello!\n\nCall us. <Łódź>"),
    letter(LetterType.PSA_LOW, "sv-simple", letter_id="B-3", invented=False),
    letter(LetterType.OFFER, letter_id="B-4"),
]
OPERATORS = re.compile(r"q|Q|cm|w|J|m|l|c|re|S|f|BT|ET|Tf|TL|Td|T\*|Tj|RG|rg|g|Do|BMC|BDC|EMC")
"""What these files use. Only grey and RGB, which the output intent gives a meaning; no shading and no graphics state."""


@cache
def batch():
    return render_batch(LETTERS, created=CREATED)


@cache
def files():
    second = batch().pages[1]
    return {"batch": batch().pdf, "one letter": extract(batch().pdf, second.first_page, second.pages)}


@pytest.fixture(params=["batch", "one letter"])
def pdf(request):
    with pikepdf.open(BytesIO(files()[request.param])) as opened:
        yield opened


def everything(pdf):
    """Every dictionary of the file, those in dictionaries and arrays too."""
    todo, seen = [pdf.trailer, *pdf.objects], set()
    while todo:
        here = todo.pop()
        if isinstance(here, pikepdf.Object) and here.is_indirect:
            if here.objgen in seen:
                continue
            seen.add(here.objgen)
        if isinstance(here, pikepdf.Array):
            todo += [part for part in here if isinstance(part, pikepdf.Object)]
        if isinstance(here, (pikepdf.Dictionary, pikepdf.Stream)):
            yield here
            todo += [here[key] for key in here.keys() if isinstance(here[key], pikepdf.Object)]  # noqa: SIM118


def contents(pdf):
    """Every content stream with the resources it names."""
    for page in pdf.Root.Pages.Kids:
        yield pikepdf.parse_content_stream(page), page.Resources
        for stamp in page.Resources.XObject.values():
            yield pikepdf.parse_content_stream(stamp), stamp.Resources


def test_the_syntax_is_right_and_nothing_is_unused(pdf):
    assert pdf.check_pdf_syntax() == []
    assert pdf.pdf_version == "1.7"
    assert not pdf.is_encrypted
    assert all(len(bytes(part)) == 16 for part in pdf.trailer.ID)


def test_fonts_are_embedded_with_the_widths_they_say(pdf):
    fonts = [found for found in everything(pdf) if found.get("/Type") == "/Font"]
    assert {str(font.Subtype) for font in fonts} == {"/Type0", "/CIDFontType2"}
    for font in fonts:
        if font.Subtype == "/Type0":
            assert font.Encoding == "/Identity-H"
            assert font.ToUnicode.read_bytes()
            continue
        assert font.CIDToGIDMap == "/Identity"
        descriptor = font.FontDescriptor
        assert re.fullmatch(r"/[A-Z]{6}\+.+", str(font.BaseFont))
        assert descriptor.FontName == font.BaseFont
        # A CIDSet that misses a glyph is an error and one is not needed.
        assert "/CIDSet" not in descriptor
        program = descriptor.FontFile2.read_bytes()
        widths = advances(program)
        stated = {int(font.W[at]): int(font.W[at + 1][0]) for at in range(0, len(font.W), 2)}
        assert len(stated) > 20
        assert stated == {glyph: widths[glyph] for glyph in stated}
        shown = glyphs_shown(pdf, font)
        assert shown
        assert shown <= stated.keys()
        assert all(has_outline(program, glyph) for glyph in shown if stated_char(pdf, font, glyph).strip())


def test_colours_have_a_meaning(pdf):
    (intent,) = pdf.Root.OutputIntents
    assert (intent.S, str(intent.OutputConditionIdentifier)) == ("/GTS_PDFA1", "sRGB IEC61966-2.1")
    profile = intent.DestOutputProfile.read_bytes()
    assert intent.DestOutputProfile.N == 3
    assert profile[12:24] == b"mntrRGB XYZ "
    assert profile[36:40] == b"acsp"
    assert int.from_bytes(profile[:4], "big") == len(profile)
    assert profile[8] <= 4


def test_pages_use_only_what_is_allowed_and_named(pdf):
    for instructions, resources in contents(pdf):
        open_marks = 0
        for instruction in instructions:
            if isinstance(instruction, pikepdf.ContentStreamInlineImage):
                image = instruction.iimage
                assert "/Interpolate" not in image.obj
                assert image.obj.get("/F") != "/LZW"
                continue
            name = str(instruction.operator)
            assert OPERATORS.fullmatch(name)
            if name == "Do":
                assert instruction.operands[0] in resources.XObject
            if name == "Tf":
                assert instruction.operands[0] in resources.Font
            open_marks += {"BMC": 1, "BDC": 1, "EMC": -1}.get(name, 0)
            assert open_marks in {0, 1}
        assert open_marks == 0


def test_nothing_forbidden_is_in_the_file(pdf):
    forbidden = [
        "/JS",
        "/JavaScript",
        "/AA",
        "/OpenAction",
        "/EmbeddedFiles",
        "/SMask",
        "/TR",
        "/TR2",
        "/HTP",
        "/Encrypt",
        "/Launch",
        "/AcroForm",
        "/OCProperties",
        "/PS",
        "/Group",
    ]
    for found in everything(pdf):
        assert not set(forbidden) & set(found.keys())
        if isinstance(found, pikepdf.Stream):
            assert str(found.get("/Filter", "/FlateDecode")) == "/FlateDecode"
            assert not {"/F", "/FFilter", "/FDecodeParms"} & set(found.keys())


def test_the_metadata_says_what_the_file_is_and_what_info_says(pdf):
    assert "/Filter" not in pdf.Root.Metadata
    xmp = pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False)
    assert (xmp["pdfaid:part"], xmp["pdfaid:conformance"]) == ("2", "B")
    assert xmp["dc:title"] == str(pdf.docinfo.Title)
    assert xmp["dc:creator"] == [str(pdf.docinfo.Author)]
    assert xmp["pdf:Producer"] == str(pdf.docinfo.Producer)
    assert xmp["xmp:CreatorTool"] == str(pdf.docinfo.Creator)
    assert xmp["xmp:CreateDate"] == xmp["xmp:ModifyDate"] == "2026-03-14T10:41:00Z"
    assert pdf.docinfo.CreationDate == pdf.docinfo.ModDate == "D:20260314104100Z"
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    assert pdf.Root.Lang == "sv-SE"


def test_every_mark_has_its_place_in_the_tree_and_the_tree_leads_to_every_mark(pdf):
    tree = pdf.Root.StructTreeRoot
    assert pdf.Root.MarkInfo.Marked
    document = tree.K
    assert document.S == "/Document"
    pages = list(pdf.Root.Pages.Kids)
    in_tree = set()
    todo = [(letter, document) for letter in document.K]
    while todo:
        element, above = todo.pop()
        assert element.P.objgen == above.objgen
        assert str(element.S)[1:] in {"Sect", "H1", "H2", "P", "L", "LI", "LBody"}
        if isinstance(element.K, int):
            in_tree.add((element.Pg.objgen, element.K))
        else:
            todo += [(kid, element) for kid in (element.K if isinstance(element.K, pikepdf.Array) else [element.K])]
    nums = dict(zip(list(tree.ParentTree.Nums)[::2], list(tree.ParentTree.Nums)[1::2], strict=True))
    marked = set()
    for page in pages:
        marks = [
            int(instruction.operands[1].MCID)
            for instruction in pikepdf.parse_content_stream(page)
            if str(instruction.operator) == "BDC"
        ]
        assert sorted(marks) == list(range(len(marks)))
        parents = nums[int(page.StructParents)]
        assert [int(element.K) for element in parents] == sorted(marks)
        assert all(element.Pg.objgen == page.objgen for element in parents)
        marked |= {(page.objgen, mark) for mark in marks}
    assert in_tree == marked
    assert [str(letter.Lang) for letter in document.K][:2] in (["sv-SE", "en-GB"], ["en-GB"])


class TestDataMatrix:
    @pytest.mark.parametrize("dpi", [150, 200])
    def test_every_page_says_which_it_is(self, dpi):
        read = []
        with pypdfium2.PdfDocument(batch().pdf) as document:
            for page in document:
                picture = page.render(scale=dpi / 72, grayscale=True).to_pil()
                found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.DataMatrix)
                read.append([code.text for code in found])
        assert read == [
            [f"{item.letter_id} {number + 1}/{item.pages}"] for item in batch().pages for number in range(item.pages)
        ]
        assert len(read) == 7

    def test_the_longest_id_is_read_too(self):
        long = letter(letter_id="L" * 40)
        with pypdfium2.PdfDocument(render_batch([long], created=CREATED).pdf) as document:
            picture = document[0].render(scale=200 / 72, grayscale=True).to_pil()
        assert zxingcpp.read_barcode(picture).text == f"{'L' * 40} 1/1"


class TestExtract:
    @pytest.mark.parametrize("place", range(4))
    def test_the_pages_are_the_batchs_own_to_the_pixel(self, place):
        item = batch().pages[place]
        one = extract(batch().pdf, item.first_page, item.pages)
        with pypdfium2.PdfDocument(one) as alone, pypdfium2.PdfDocument(batch().pdf) as whole:
            assert len(alone) == item.pages
            for number in range(item.pages):
                pictures = [
                    page.render(scale=1.5).to_pil().tobytes()
                    for page in (alone[number], whole[item.first_page - 1 + number])
                ]
                assert pictures[0] == pictures[1]
        assert page_texts(one) == page_texts(batch().pdf)[item.first_page - 1 : item.first_page - 1 + item.pages]

    def test_the_same_bytes_every_time(self):
        assert extract(batch().pdf, 1, 2) == extract(batch().pdf, 1, 2)

    def test_nothing_of_another_letter_comes_along(self):
        with pikepdf.open(BytesIO(files()["one letter"])) as opened:
            streams = b"".join(found.read_bytes() for found in everything(opened) if isinstance(found, pikepdf.Stream))
            assert str(opened.docinfo.Title) == "Brev B-2"
        assert b"B-1" not in streams
        assert b"B-4" not in streams
        assert len(files()["one letter"]) < len(batch().pdf)

    @pytest.mark.parametrize("pages", [(0, 1), (1, 0), (7, 2), (99, 1)])
    def test_pages_that_are_not_there_refuse(self, pages):
        with pytest.raises(LetterError, match="no such pages"):
            extract(batch().pdf, *pages)

    def test_a_file_without_tags_as_earlier_versions_set_is_cut_as_it_is(self):
        assert page_texts(extract(calibration_page("H2"), 1, 1)) == page_texts(calibration_page("H2"))
        with pytest.raises(LetterError, match="no such pages"):
            extract(calibration_page("H2"), 2, 1)


# Reading a font program: only what the questions above need.


def tables(program):
    count = int.from_bytes(program[4:6], "big")
    return {
        program[at : at + 4].decode(): program[
            int.from_bytes(program[at + 8 : at + 12], "big") : int.from_bytes(program[at + 8 : at + 12], "big")
            + int.from_bytes(program[at + 12 : at + 16], "big")
        ]
        for at in range(12, 12 + 16 * count, 16)
    }


def advances(program):
    found = tables(program)
    metrics = int.from_bytes(found["hhea"][34:36], "big")
    glyphs = int.from_bytes(found["maxp"][4:6], "big")
    wide = [int.from_bytes(found["hmtx"][4 * at : 4 * at + 2], "big") for at in range(metrics)]
    return wide + [wide[-1]] * (glyphs - metrics)


def has_outline(program, glyph):
    found = tables(program)
    start, end = (int.from_bytes(found["loca"][4 * at : 4 * at + 4], "big") for at in (glyph, glyph + 1))
    return end > start


def glyphs_shown(pdf, font):
    """The glyphs that the file's pages show in this font."""
    shown = set()
    for instructions, resources in contents(pdf):
        here = None
        for instruction in instructions:
            if isinstance(instruction, pikepdf.ContentStreamInlineImage):
                continue
            if str(instruction.operator) == "Tf":
                here = resources.Font[str(instruction.operands[0])].DescendantFonts[0]
            if str(instruction.operator) == "Tj" and here.objgen == font.objgen:
                text = bytes(instruction.operands[0])
                shown |= {int.from_bytes(text[at : at + 2], "big") for at in range(0, len(text), 2)}
    return shown


def stated_char(pdf, font, glyph):
    for above in everything(pdf):
        if above.get("/Subtype") == "/Type0" and above.DescendantFonts[0].objgen == font.objgen:
            found = re.search(rf"<{glyph:04X}> <([0-9A-F]+)>".encode(), above.ToUnicode.read_bytes())
            return bytes.fromhex(found[1].decode()).decode("utf-16-be")
    raise AssertionError(glyph)

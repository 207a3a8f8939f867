"""The offer letter as others would make it. Each function gives the bytes and the pages of one file with all the letters."""

import json
import tempfile
from collections.abc import Sequence
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

import font_source_sans_pro
import pypdfium2

from kansli_tui.rows.letters import LetterContent
from reports import page
from reports.address import MM, address_lines
from reports.labels import labels
from reports.templates import Kind, compose, region_values
from reports.text import clean, format_date

_FONTS = Path(font_source_sans_pro.font_files_ttf["SourceSansPro"]).parent


def _parts(letter: LetterContent) -> dict[str, Any]:
    """What stands in the letter, as plain words."""
    words, region = labels(letter.language), region_values(letter.region, letter.language)
    places = [clean(place) for place in letter.region.sampling_places]
    return {
        "id": words.letter.format(letter=letter.letter_id),
        "day": format_date(letter.on, letter.language),
        "address": list(address_lines(letter.recipient)),
        "sender": [region["region"], region["office"], clean(letter.region.return_address)],
        "footer": [
            f"{region['region']} · {region['office']} · {clean(letter.region.return_address)}",
            f"{words.phone.format(phone=region['phone'])} · {region['web']}",
            words.legal.format(region=region["region"]),
        ],
        "notice": words.invented,
        "pieces": [[piece.kind.value, piece.text] for piece in compose(letter)],
        "side": [
            [
                words.contact,
                [region["office"], words.phone.format(phone=region["phone"]), region["hours"], region["web"]],
            ],
            [words.places, places],
            [words.advice, [words.advice_text]],
            [words.help, [words.help_text]],
        ],
    }


_TYPST = """
#let letters = json("letters.json")
#set page(paper: "a4", margin: (left: 20mm, right: 69mm, top: 32mm, bottom: 29mm))
#set text(font: "Source Sans Pro", size: 10.5pt, fill: rgb("#1a1a1a"), lang: "sv")
#set par(leading: 4.3pt, spacing: 7.3pt)
#let frame(it) = {
  place(top + center, dy: 5mm, text(fill: rgb("#b00020"), weight: 600, it.notice))
  place(top + right, dx: -20mm, dy: 14mm, align(right)[#it.day \\ #text(size: 8pt, it.id)])
  place(top + left, dx: 20mm, dy: 272mm, line(length: 170mm, stroke: 0.6pt + rgb("#1d4e5a")))
  place(top + left, dx: 20mm, dy: 274mm, block(width: 151mm, text(size: 8pt, it.footer.join([ \\ ]))))
}
#for it in letters { page(background: frame(it), {
  place(top + left, dx: 0mm, dy: 11mm, block(width: 76mm, text(size: 9pt, it.sender.join([ \\ ]))))
  place(top + left, dx: 95mm, dy: 14mm, block(width: 81mm, text(size: 11pt, it.address.join([ \\ ]))))
  place(top + left, dx: 129mm, dy: 49mm, block(width: 41mm, {
    set text(size: 9pt)
    for (heading, lines) in it.side {
      text(size: 9.5pt, weight: 600, fill: rgb("#1d4e5a"), heading)
      for one in lines { par(one) }
    }
  }))
  v(49mm)
  for (kind, body) in it.pieces {
    if kind == "title" { heading(level: 1, body) }
    else if kind == "heading" { heading(level: 2, body) }
    else if kind == "item" { list(body) }
    else if kind == "box" { block(fill: rgb("#eaf1f2"), inset: 8pt, width: 100%, body.split("\\n").join([ \\ ])) }
    else { par(body) }
  }
}) }
"""


def typst(letters: Sequence[LetterContent]) -> tuple[int, int]:
    """One typst document: the letters are data, the template a loop; PDF/A-2b."""
    import typst as compiler

    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "letters.typ")
        source.write_text(_TYPST, encoding="utf-8")
        Path(folder, "letters.json").write_text(json.dumps([_parts(letter) for letter in letters]), encoding="utf-8")
        pdf = compiler.compile(str(source), font_paths=[str(_FONTS)], pdf_standards=["a-2b"])
    return len(pdf), _pages(pdf)


_CSS = """
@page { size: A4; margin: 32mm 69mm 29mm 20mm }
body { font: 10.5pt/13.3pt "Source Sans Pro"; color: #1a1a1a; margin: 0 }
article { break-before: page; position: relative; padding-top: 49mm } article:first-child { break-before: auto }
h1 { font-size: 18pt; line-height: 22pt; margin: 0; color: #1d4e5a } h2 { font-size: 11.5pt; margin: 8pt 0 0; color: #1d4e5a }
p { margin: 3pt 0 0 } ul { margin: 0; padding-left: 11pt } li { margin-top: 1.2pt }
.box { background: #eaf1f2; border-left: 2.4pt solid #1d4e5a; padding: 8pt; margin: 7pt 0 4pt }
.day, .sender, .address, .side, .notice { position: absolute } .day { left: 125mm; top: -18mm; width: 45mm; text-align: right }
.sender { top: 11mm; width: 76mm; font-size: 9pt } .address { left: 95mm; top: 14mm; width: 81mm; font-size: 11pt }
.side { left: 129mm; top: 49mm; width: 41mm; font-size: 9pt }
.notice { top: -27mm; width: 170mm; text-align: center; color: #b00020 }
"""


def weasyprint(letters: Sequence[LetterContent]) -> tuple[int, int]:
    """One HTML document with an article for each letter."""
    import weasyprint as printer
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    faces = "".join(
        f'@font-face {{ font-family: "Source Sans Pro"; font-weight: {weight}; src: url("file://{font_source_sans_pro.font_files_ttf[name]}") }}'
        for name, weight in (("SourceSansPro", 400), ("SourceSansProSemibold", 700))
    )
    html = "".join(map(_article, letters))
    # The same in all letters, so it may be the page's.
    foot = "\\A ".join(line.replace('"', "'") for line in _parts(letters[0])["footer"])
    foot = f'@page {{ @bottom-left {{ content: "{foot}"; white-space: pre; font: 8pt "Source Sans Pro" }} }}'
    sheet = printer.CSS(string=faces + foot + _CSS, font_config=fonts)
    pdf = printer.HTML(string=f"<html lang=sv><body>{html}").write_pdf(stylesheets=[sheet], font_config=fonts)
    return len(pdf), _pages(pdf)


def _article(letter: LetterContent) -> str:
    it = _parts(letter)

    def lines(texts: Sequence[str]) -> str:
        return "<br>".join(map(escape, texts))

    tags = {"title": "h1", "heading": "h2", "item": "li", "paragraph": "p"}
    body = "".join(
        f'<div class="box">{lines(text.splitlines())}</div>'
        if kind == "box"
        else f"<{tags[kind]}>{escape(text)}</{tags[kind]}>"
        for kind, text in it["pieces"]
    )
    side = "".join(
        f"<h2>{escape(head)}</h2>" + "".join(f"<p>{escape(one)}</p>" for one in texts) for head, texts in it["side"]
    )
    return (
        f'<article><div class="notice">{escape(it["notice"])}</div><div class="day">{lines([it["day"], it["id"]])}</div>'
        f'<div class="sender">{lines(it["sender"])}</div><div class="address">{lines(it["address"])}</div>'
        f'<div class="side">{side}</div>{body}</article>'
    )


def platypus(letters: Sequence[LetterContent]) -> tuple[int, int]:
    """Reportlab's flowing paragraphs, as its manual shows them: each letter laid out from the beginning."""
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import BaseDocTemplate, Frame, NextPageTemplate, PageBreak, PageTemplate, Paragraph, Spacer

    from reports import styles
    from reports.text import para

    styles.register_fonts()
    all_parts = [_parts(letter) for letter in letters]
    place = {"letter": -1}

    def frame(canvas: Any, first: bool) -> None:
        it = all_parts[place["letter"]]
        canvas.setFont(styles.BOLD, 10)
        canvas.drawCentredString(A4[0] / 2, A4[1] - 9 * MM, it["notice"])
        canvas.setFont(styles.REGULAR, 10)
        canvas.drawRightString(190 * MM, A4[1] - 17 * MM, it["day"])
        canvas.setFont(styles.REGULAR, 8)
        canvas.drawRightString(190 * MM, A4[1] - 21 * MM, it["id"])
        _column(canvas, [(text, styles.FOOTER.style) for text in it["footer"]], page.FOOTER_TEXT)
        if not first:
            return
        _column(canvas, [(text, styles.SENDER.style) for text in it["sender"]], page.SHEETS["H2"].sender)
        _column(
            canvas, [(text, styles.LOOKS[Kind.PARAGRAPH].style) for text in it["address"]], page.SHEETS["H2"].address
        )
        side = []
        for head, texts in it["side"]:
            side += [(head, styles.SIDE_HEADING.style), *((text, styles.SIDE_TEXT.style) for text in texts)]
        _column(canvas, side, page.SIDE)

    def _column(canvas: Any, texts: Sequence[tuple[str, Any]], box: page.Box) -> None:
        top = A4[1] - box.y * MM
        for text, style in texts:
            paragraph = Paragraph(para(text), style)
            top -= paragraph.wrap(box.width * MM, 1e6)[1]
            paragraph.drawOn(canvas, box.x * MM, top)

    def start(canvas: Any, _document: Any) -> None:
        place["letter"] += 1
        frame(canvas, first=True)

    def body(box: page.Box) -> Any:
        foot = A4[1] - box.bottom * MM
        return Frame(box.x * MM, foot, box.width * MM, box.height * MM, 0, 0, 0, 0)

    out = BytesIO()
    document = BaseDocTemplate(out, pagesize=A4)
    document.addPageTemplates(
        [
            PageTemplate("first", [body(page.BODY)], onPage=start, autoNextPageTemplate="next"),
            PageTemplate("next", [body(page.NEXT_BODY)], onPage=lambda canvas, _document: frame(canvas, first=False)),
        ]
    )
    story: list[Any] = []
    for it in all_parts:
        if story:
            story += [NextPageTemplate("first"), PageBreak()]
        for kind, text in it["pieces"]:
            look = styles.LOOKS.get(Kind(kind), styles.LOOKS[Kind.PARAGRAPH])
            story += [
                Spacer(0, look.before),
                Paragraph(para(text).replace("\n", "<br/>"), look.style, bulletText="•" if kind == "item" else None),
            ]
    document.build(story)
    return len(out.getvalue()), document.page


def _pages(pdf: bytes) -> int:
    with pypdfium2.PdfDocument(pdf) as document:
        return len(document)

"""A question to a physician on one A4 page, with room for the answer by hand. Set from a `PhysicianQuestion` alone."""

from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING

from kansli_tui.errors import LetterError
from kansli_tui.pathway.identity import format_identity
from kansli_tui.rows.physician_questions import PhysicianQuestion, PsaValue
from reports import page
from reports.address import MM
from reports.text import NO_BREAK, clean, format_date, keep_together

if TYPE_CHECKING:
    from reports.paper import Row

BODY = page.Box(20, 48, 170, 220)
_SIZES = (10.5, 10.0, 9.5, 9.0, 8.5, 8.0)
"""Type sizes in points, tried from the largest until the page holds everything."""
_ANSWER_LINES = 6
_LINE = 22.0
"""Points between the lines that are written on."""
_SHOWN = 6
"""So many PSA values at most; older ones are in the person's journal."""
_COMPARATORS = {"": "", "<": "mindre än ", "<=": "högst ", ">": "mer än ", ">=": "minst "}
_MISSING = "uppgift saknas"


def physician_question(question: PhysicianQuestion) -> bytes:
    """The question as PDF, one page; the same question gives the same bytes.

    Raises:
        LetterError: the question is empty, has a character that the font lacks, or more text than one page holds.
    """
    from reports import paper, styles  # noqa: PLC0415 - reportlab loads when paper is set
    from reports.press import new_canvas  # noqa: PLC0415

    if not clean(question.asked):
        raise LetterError("The question to the physician is empty. Write what you ask.")
    for size in _SIZES:
        rows = _rows(question, size)
        if paper.height_of(rows) + _room() <= BODY.height * MM:
            break
    else:
        raise LetterError("The question to the physician does not fit one page. Shorten it.")
    day = question.on
    buffer = BytesIO()
    canvas = new_canvas(
        buffer, datetime(day.year, day.month, day.day, tzinfo=UTC), f"Fråga till läkare {clean(question.number)}"
    )
    office = question.office
    name, programme, number = clean(office.name), clean(office.office_name), clean(question.number)
    paper.draw_frame(
        canvas,
        (name, programme),
        (format_date(day, "sv"), f"Fråga {number}"),
        (
            f"{name} · {programme} · {clean(office.return_address)}",
            f"Telefon {clean(office.phone)} · {clean(office.web)}",
            f"{name} är personuppgiftsansvarig. Innehållet omfattas av sekretess.",
        ),
        (1, 1),
        question.invented,
    )
    canvas.setFillColor(styles.ACCENT)
    canvas.setFont(styles.BOLD, 18)
    canvas.drawString(BODY.x * MM, paper.up(39), "Fråga till läkare")
    placed = paper.stacked(rows)
    paper.draw_rows(canvas, placed, BODY)
    last, down = placed[-1]
    top = paper.up(BODY.y) - down - last.height
    canvas.setStrokeColor(styles.QUIET)
    canvas.setLineWidth(0.5)
    for line in range(1, _ANSWER_LINES + 1):
        canvas.line(BODY.x * MM, top - line * _LINE, BODY.right * MM, top - line * _LINE)
    foot = top - _ANSWER_LINES * _LINE - 2 * _LINE
    canvas.setFillColor(styles.QUIET)
    canvas.setFont(styles.REGULAR, 8.5)
    for x, width, text in ((0, 45, "Datum"), (51, 119, "Underskrift och namnförtydligande")):
        left = (BODY.x + x) * MM
        canvas.line(left, foot, left + width * MM, foot)
        canvas.drawString(left, foot - 10, text)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _room() -> float:
    """What the answer and the signature take, in points."""
    return (_ANSWER_LINES + 2) * _LINE + 14


def _rows(question: PhysicianQuestion, size: float) -> list["Row"]:
    from reports.paper import Column, Look, row  # noqa: PLC0415 - reportlab

    pair, whole = (Column(0, 44), Column(46, 124)), (Column(0, 170),)
    heading, label = Look(size + 1, bold=True, ink="accent"), Look(size, ink="quiet")
    value, strong = Look(size), Look(size, bold=True)
    out: list[Row] = []

    def head(text: str) -> None:
        out.append(row(whole, (text,), heading, before=size * 0.9, ruled=True))

    def line(name: str, text: str, *, bold: bool = False) -> None:
        out.append(row(pair, (name, text or _MISSING), (label, strong if bold else value)))

    head("Person")
    line("Namn", clean(question.name), bold=True)
    line("Person-id", format_identity(question.identity_number), bold=True)
    line("Född", format_date(question.birth_date, "sv"))
    head("Vad vi frågar")
    out.append(row(whole, (clean(question.asked),), strong))
    line("Varför", clean(question.why))
    line("Frågar", clean(question.asked_by))
    head("Underlag")
    for number, answer in enumerate(question.psa[:_SHOWN] or (None,)):
        line("PSA" if number == 0 else NO_BREAK, _psa(answer), bold=number == 0)
    older = len(question.psa) - _SHOWN
    if older > 0:
        line(NO_BREAK, f"och {older} äldre, som står i journalen")
    line("MR-undersökning", format_date(question.examined_on, "sv") if question.examined_on else "")
    line("Högsta PI-RADS", clean(question.pirads))
    line("Prostatavolym", _measure(question.volume_ml, "ml"))
    line("PSA-densitet", _measure(question.density, "µg/l per ml"))
    head("Svar")
    office = question.office
    back = f"Skicka svaret till {clean(office.office_name)}, {clean(office.return_address)}."
    out.append(
        row(whole, (f"{back} Frågor? Ring {keep_together(clean(office.phone))}, {clean(office.hours)}.",), value)
    )
    return out


def _psa(answer: PsaValue | None) -> str:
    if answer is None:
        return ""
    shown = f"{_COMPARATORS[answer.comparator]}{clean(answer.value).replace('.', ',')}{NO_BREAK}µg/l"
    day = format_date(answer.sampled_on, "sv") if answer.sampled_on else _MISSING
    return f"{shown}, provtagningsdag: {day}"


def _measure(text: str, unit: str) -> str:
    shown = clean(text).replace(".", ",")
    return f"{shown}{NO_BREAK}{unit}" if shown else ""

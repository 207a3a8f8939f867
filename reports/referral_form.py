"""Referral forms on paper: one A4 page for each referral to MRI or to urology.

Set from a `ReferralOut` alone; it decides nothing and knows no database. reportlab is loaded when the first form is set.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from io import BytesIO
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from kansli_tui.errors import LetterError
from kansli_tui.i18n import local_day
from kansli_tui.pathway.identity import format_identity
from kansli_tui.rows.letters import RegionOffice
from kansli_tui.rows.referral_messages import ReferralOut
from reports import page
from reports.address import MM
from reports.text import NO_BREAK, clean, format_date, keep_together

if TYPE_CHECKING:
    from reports.paper import Row

BODY = page.Box(20, 51, 170, 217)
BARCODE = page.Box(112, 28, 78, 11)
_SIZES = (10.5, 10.0, 9.5, 9.0, 8.5, 8.0)
"""Type sizes in points, tried from the largest until the form fits its page."""
_COMPARATORS = {"": "", "<": "mindre än ", "<=": "högst ", ">": "mer än ", ">=": "minst "}
_POSTCODE = re.compile(r"[0-9]{5}")
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
_MISSING = "uppgift saknas"


@dataclass(frozen=True, slots=True)
class ReferralForm:
    """A referral with the office that sends it and the unit's phone number ('' where it is not known)."""

    referral: ReferralOut
    office: RegionOffice
    unit_phone: str


def referral_form(referral: ReferralOut, *, office: RegionOffice, unit_phone: str, on: date, invented: bool) -> bytes:
    """The form of one referral as PDF, one page. `on` is the date it is printed; the same values give the same bytes.

    Raises:
        LetterError: a character that the font lacks, or more text than one page holds.
    """
    return referral_forms([ReferralForm(referral, office, unit_phone)], on=on, invented=invented)


def referral_forms(forms: Sequence[ReferralForm], *, on: date, invented: bool) -> bytes:
    """Several forms in one PDF, in the given order, one page each.

    Raises:
        LetterError: there is no form, or one of them cannot be set (its number is in the message); nothing is set then.
    """
    from reports.press import new_canvas  # noqa: PLC0415 - reportlab loads when the first form is set

    if not forms:
        raise LetterError("There is no referral to print.")
    laid = []
    for form in forms:
        try:
            laid.append(_lay(_cleaned(form)))
        except LetterError as error:
            raise LetterError("Referral {number}: {reason}", number=form.referral.number, reason=str(error)) from error
    buffer = BytesIO()
    first, last = forms[0].referral.number, forms[-1].referral.number
    canvas = new_canvas(
        buffer,
        datetime(on.year, on.month, on.day, tzinfo=UTC),
        f"Remiss {first}" if first == last else f"Remisser {first} – {last}",
    )
    for form, rows in laid:
        _draw(canvas, form, rows, on, invented=invented)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _cleaned(form: ReferralForm) -> ReferralForm:
    """The form with every text from outside on one line."""

    def texts(record: ReferralOut | RegionOffice) -> dict[str, Any]:
        return {field.name: _clean(getattr(record, field.name)) for field in fields(record)}

    return ReferralForm(
        replace(form.referral, **texts(form.referral)),
        replace(form.office, **texts(form.office)),
        clean(form.unit_phone),
    )


def _clean(value: object) -> object:
    if isinstance(value, str):
        return clean(value)
    return tuple(map(_clean, value)) if isinstance(value, tuple) else value


def _lay(form: ReferralForm) -> tuple[ReferralForm, list["Row"]]:
    from reports.paper import height_of  # noqa: PLC0415 - reportlab

    for size in _SIZES:
        rows = _rows(form, size)
        if height_of(rows) <= BODY.height * MM:
            return form, rows
    raise LetterError("The referral does not fit one page. Shorten the question and the answers.")


def _rows(form: ReferralForm, size: float) -> list["Row"]:
    """All of the form below its title, at one type size."""
    from reports.paper import Column, Look, row  # noqa: PLC0415 - reportlab

    pair = (Column(0, 44), Column(46, 124))
    answers = (Column(0, 97), Column(100, 70))
    halves = (Column(0, 82), Column(88, 82))
    heading, label, value = Look(size + 1, bold=True, ink="accent"), Look(size, ink="quiet"), Look(size)
    strong = Look(size, bold=True)
    out: list[Row] = []

    def head(text: str) -> None:
        out.append(row((Column(0, 170),), (text,), heading, before=size * 0.9, ruled=True))

    def line(name: str, text: str, *, bold: bool = False) -> None:
        out.append(row(pair, (name, text), (label, strong if bold else value)))

    referral, office = form.referral, form.office
    out.append(row(halves, ("Till", "Från"), heading, ruled=True))
    out.append(row(halves, (referral.unit_name, office.name), strong))
    to = [f"HSA-id: {referral.unit_hsa_id or _MISSING}", f"Telefon: {keep_together(form.unit_phone) or _MISSING}"]
    sender = [office.office_name, office.return_address, f"Telefon: {keep_together(office.phone)}, {office.hours}"]
    out += [row(halves, texts, value) for texts in zip_longest(to, sender, fillvalue="")]

    head("Person")
    line("Namn", f"{referral.given} {referral.family}", bold=True)
    line("Person-id", format_identity(referral.identity_number), bold=True)
    line("Född", format_date(referral.birth_date, "sv"))
    line("Adress", _address(form), bold=referral.protected)

    head("Vad vi ber om")
    if referral.kind == "mri":
        line("Undersökning", _examination(referral))
    line("Frågeställning", referral.question or _MISSING)

    head("Underlag")
    line("PSA", _psa(referral), bold=True)
    if referral.kind == "urology":
        if referral.mri is None:
            line("Magnetkamera (MR)", "Ingen MR-undersökning ingår i underlaget.")
        else:
            pirads, volume, density = referral.mri
            line("Högsta PI-RADS", pirads or _MISSING, bold=True)
            line("Prostatavolym", _measure(volume, "ml"))
            line("PSA-densitet", _measure(density, "µg/l per ml"))

    if referral.kind == "mri" or referral.answers:
        head("Frågor som kansliet har ställt till personen")
        for asked, answer in referral.answers:
            out.append(row(answers, (asked, answer or "inget svar"), (value, strong), ruled=True))
        if not referral.answers:
            out.append(
                row((Column(0, 170),), ("Inga svar är antecknade. Fråga personen före undersökningen.",), strong)
            )

    head("Svar till oss")
    return out + [row((Column(0, 170),), (text,), value) for text in _reply(form)]


def _address(form: ReferralForm) -> str:
    referral, phone = form.referral, keep_together(form.office.phone)
    # The mark goes before the data: an address that has come along by mistake is still not printed.
    if referral.protected:
        return f"Skyddade personuppgifter. Adressen lämnas inte ut. Ring kansliet på {phone} om hur personen nås."
    code = referral.postcode
    place = f"{code[:3]} {code[3:]} {referral.city}" if _POSTCODE.fullmatch(code) else f"{code} {referral.city}".strip()
    known = ", ".join(part for part in (referral.street, place) if part)
    return known or f"Ingen adress är känd. Ring kansliet på {phone}."


def _examination(referral: ReferralOut) -> str:
    code = f"(kod {referral.exam_code})" if referral.exam_code else ""
    return " ".join(part for part in (referral.exam_text or "MR prostata", code) if part)


def _psa(referral: ReferralOut) -> str:
    if not referral.psa_value:
        return _MISSING
    value = f"{_COMPARATORS[referral.psa_comparator]}{referral.psa_value.replace('.', ',')}{NO_BREAK}µg/l"
    taken = _MISSING if referral.sampled_at is None else format_date(local_day(referral.sampled_at), "sv")
    return f"{value}, provtagningsdag: {taken}"


def _measure(text: str, unit: str) -> str:
    """A bare number with its unit and a decimal comma; words as they stand."""
    if not text:
        return _MISSING
    return f"{text.replace('.', ',')}{NO_BREAK}{unit}" if _NUMBER.fullmatch(text) else text


def _reply(form: ReferralForm) -> tuple[str, ...]:
    referral, office = form.referral, form.office
    phone = keep_together(office.phone)
    wanted = (
        "Vi behöver PI-RADS för varje förändring och prostatans volym i ml."
        if referral.kind == "mri"
        else "Vi behöver dag för besök och vävnadsprov, PAD-svar med ISUP-grad, och vald behandling."
    )
    to = f"Skicka svaret till {office.office_name}, {office.return_address}. Ange remissens nummer {referral.number}."
    back = (
        "Kan ni inte ta emot remissen, eller blir besöket inte av? Skicka tillbaka remissen med orsaken "
        f"eller ring {phone}, {office.hours}. Då tar kansliet över ansvaret igen."
    )
    return f"{to} {wanted}", back


def _draw(canvas: Any, form: ReferralForm, rows: list["Row"], on: date, *, invented: bool) -> None:
    from reportlab.graphics.barcode.code128 import Code128  # noqa: PLC0415 - reportlab

    from reports import paper, styles  # noqa: PLC0415 - reportlab

    referral, office = form.referral, form.office
    paper.draw_frame(
        canvas,
        (office.name, office.office_name),
        (format_date(on, "sv"), f"Utfärdad {format_date(local_day(referral.made_at), 'sv')}"),
        (
            f"{office.name} · {office.office_name} · {office.return_address}",
            f"Telefon {office.phone} · {office.web}",
            f"{office.name} är personuppgiftsansvarig. Innehållet omfattas av sekretess.",
        ),
        (1, 1),
        invented,
    )
    canvas.setFillColor(styles.ACCENT)
    canvas.setFont(styles.BOLD, 18)
    title = ("Remiss för magnetkamera", "MR prostata") if referral.kind == "mri" else ("Remiss till urolog", "")
    canvas.drawString(BODY.x * MM, paper.up(38), title[0])
    canvas.setFillColor(styles.QUIET)
    canvas.setFont(styles.REGULAR, 11)
    canvas.drawString(BODY.x * MM, paper.up(44), title[1])
    canvas.setFillColor(styles.INK)
    # The bars' width is chosen so that the code fills its box with the quiet zones that scanners need.
    code = Code128(referral.number, barHeight=BARCODE.height * MM, barWidth=0.9, quiet=False)
    code.drawOn(canvas, BARCODE.right * MM - code.width, paper.up(BARCODE.bottom))
    canvas.setFont(styles.BOLD, 11)
    canvas.drawRightString(BARCODE.right * MM, paper.up(BARCODE.bottom + 5), f"Remiss {referral.number}")
    paper.draw_rows(canvas, paper.stacked(rows), BODY)

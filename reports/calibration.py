"""The calibration sheet: shows where the envelope window must be on the paper. Loads reportlab."""

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from kansli_tui.rows.letters import Recipient
from reports import page, styles
from reports.address import MM, address_lines, fit_address

_EXAMPLE = Recipient("Förnamn Efternamnsson", ("c/o Namn", "Exempelgatan 1 lgh 1101"), "12345", "Exempelstad")
_STEPS = (
    "1. Skriv ut sidan i verklig storlek (100 %), på en sida av papperet.",
    "2. Mät linjalen med en vanlig linjal. Är den inte 100 mm, så skalar skrivaren om sidan: stäng av det.",
    "3. Vik och stoppa papperet i kuvertet. Skaka det åt alla håll.",
    "4. Hela adressen ska alltid synas. Inget utanför den streckade ramen ska någonsin synas.",
    "5. Stämmer det inte: välj ett annat fönster (H2 är höger, V2 är vänster), ändra måtten eller byt kuvert.",
)


def draw_calibration(sheet: page.Sheet, name: str) -> bytes:
    """One page with the window, its guard, a ruler and what to do; the same bytes every time. `name` is "" for own measures."""
    from reports.press import new_canvas  # noqa: PLC0415 - press imports this module's neighbours

    buffer = BytesIO()
    name = name or "med egna mått"
    canvas = new_canvas(buffer, datetime(2000, 1, 1, tzinfo=UTC), f"Kalibrering {name}")
    _outline(canvas, sheet.clear, dashed=True)
    _outline(canvas, sheet.window, dashed=False)

    styles.register_fonts()
    canvas.setFillColor(styles.INK)
    fitted = fit_address(address_lines(_EXAMPLE), sheet.address, styles.width)
    canvas.setFont(styles.REGULAR, fitted.size)
    for number, line in enumerate(fitted.lines):
        canvas.drawString(sheet.address.x * MM, _up(sheet.address.y + 6) - number * fitted.leading, line)

    canvas.setFont(styles.BOLD, 16)
    canvas.drawString(20 * MM, _up(95), f"Kalibrering av kuvertfönster {name}")
    canvas.setFont(styles.REGULAR, 11)
    for number, step in enumerate(_STEPS):
        canvas.drawString(20 * MM, _up(106 + 7 * number), step)
    edge = sheet.window
    canvas.drawString(
        20 * MM,
        _up(148),
        f"Fönstret: {edge.x:g}–{edge.right:g} mm från vänster, {edge.y:g}–{edge.bottom:g} mm uppifrån.",
    )
    _ruler(canvas, 20, 165)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _outline(canvas: Any, box: page.Box, *, dashed: bool) -> None:
    canvas.setDash([3, 3] if dashed else [])
    canvas.setStrokeColor(styles.QUIET)
    canvas.setLineWidth(0.6)
    canvas.rect(box.x * MM, _up(box.bottom), box.width * MM, box.height * MM)
    canvas.setDash([])


def _ruler(canvas: Any, x: float, y: float) -> None:
    canvas.setFont(styles.REGULAR, 8)
    canvas.line(x * MM, _up(y), (x + 100) * MM, _up(y))
    for millimetre in range(101):
        length = 5 if millimetre % 10 == 0 else 3 if millimetre % 5 == 0 else 1.5
        canvas.line((x + millimetre) * MM, _up(y), (x + millimetre) * MM, _up(y - length))
        if millimetre % 10 == 0:
            canvas.drawCentredString((x + millimetre) * MM, _up(y - 6.5), str(millimetre))


def _up(down: float) -> float:
    return (page.HEIGHT - down) * MM

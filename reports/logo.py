"""A neutral mark drawn as vectors: three parts of one ring, for three regions in one programme. Not any region's own logo."""

from typing import Any

from reports import styles
from reports.address import MM
from reports.page import Box

_TURNS = (0, 120, 240)
_SWEEP = 96


def draw_logo(canvas: Any, box: Box, bottom: float, lines: tuple[str, str]) -> None:
    """Draw the mark at the box's left edge and two lines beside it: the region's name, made smaller if it must be, and the programme's.

    The mark is as high as the box (millimetres); `bottom` is the box's lower edge in points from the foot of the page.
    """
    size, x = box.height * MM, box.x * MM
    canvas.saveState()
    canvas.setLineCap(1)
    canvas.setLineWidth(size * 0.13)
    canvas.setStrokeColor(styles.ACCENT)
    inset = size * 0.07
    for turn in _TURNS:
        canvas.arc(
            x + inset, bottom + inset, x + size - inset, bottom + size - inset, startAng=turn + 42, extent=_SWEEP
        )
    canvas.setFillColor(styles.ACCENT)
    canvas.circle(x + size / 2, bottom + size / 2, size * 0.15, stroke=0, fill=1)

    left, room = x + size * 1.28, box.width * MM - size * 1.28
    name_size = size * 0.43
    name_size *= min(1.0, room / max(styles.width(lines[0], name_size, styles.BOLD), 1.0))
    canvas.setFont(styles.BOLD, name_size)
    canvas.drawString(left, bottom + size * 0.54, lines[0])
    canvas.setFillColor(styles.QUIET)
    canvas.setFont(styles.REGULAR, size * 0.28)
    canvas.drawString(left, bottom + size * 0.14, lines[1])
    canvas.restoreState()

"""A neutral mark drawn as vectors: three parts of one ring, for three regions in one programme. Not any region's own logo."""

from typing import Any

from reports import styles

_TURNS = (0, 120, 240)
_SWEEP = 96


def draw_logo(canvas: Any, x: float, y: float, size: float, lines: tuple[str, str], room: float) -> None:
    """Draw the mark with its lower left corner at (`x`, `y`) in points, and the two lines of text to its right.

    The first line is the region's name, made smaller until it fits `room` points; the second the programme's.
    """
    canvas.saveState()
    canvas.setLineCap(1)
    canvas.setLineWidth(size * 0.13)
    canvas.setStrokeColor(styles.ACCENT)
    inset = size * 0.07
    for turn in _TURNS:
        canvas.arc(x + inset, y + inset, x + size - inset, y + size - inset, startAng=turn + 42, extent=_SWEEP)
    canvas.setFillColor(styles.ACCENT)
    canvas.circle(x + size / 2, y + size / 2, size * 0.15, stroke=0, fill=1)

    left = x + size * 1.28
    name_size = min(16.0, 16.0 * (room - size * 1.28) / max(styles.width(lines[0], 16, styles.BOLD), 1))
    canvas.setFont(styles.BOLD, name_size)
    canvas.drawString(left, y + size * 0.54, lines[0])
    canvas.setFillColor(styles.QUIET)
    canvas.setFont(styles.REGULAR, 10)
    canvas.drawString(left, y + size * 0.14, lines[1])
    canvas.restoreState()

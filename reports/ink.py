"""Drawing as PDF operators: the few means that a letter's frame needs, named as reportlab names them, so that the logo draws on both."""

from typing import Any

from reportlab.pdfgen.pdfgeom import bezierArc

from reports.fonts import Face, faces


class Ink:
    """Collects the operators of one block. Points from the lower left corner; every text's characters go into `chars` by face."""

    def __init__(self, chars: dict[str, set[str]]) -> None:
        self._out: list[str] = []
        self._chars = chars
        self._face: Face | None = None
        self._size = 0.0

    @property
    def content(self) -> str:
        """What has been drawn."""
        return "\n".join(self._out)

    def raw(self, operators: str) -> None:
        """Operators that are ready."""
        self._out.append(operators)

    def saveState(self) -> None:  # noqa: N802, D102 - reportlab's names and meanings, here and below
        self._out.append("q")

    def restoreState(self) -> None:  # noqa: N802, D102
        self._out.append("Q")

    def setLineCap(self, cap: int) -> None:  # noqa: N802, D102
        self._out.append(f"{cap} J")

    def setLineWidth(self, width: float) -> None:  # noqa: N802, D102
        self._out.append(f"{width:.2f} w")

    def setStrokeColor(self, colour: Any) -> None:  # noqa: N802, D102
        self._out.append(f"{rgb(colour)} RG")

    def setFillColor(self, colour: Any) -> None:  # noqa: N802, D102
        self._out.append(f"{rgb(colour)} rg")

    def setFont(self, name: str, size: float) -> None:  # noqa: N802, D102
        self._face, self._size = faces()[name], size

    def line(self, x1: float, y1: float, x2: float, y2: float) -> None:  # noqa: D102
        self._out.append(f"{x1:.2f} {y1:.2f} m {x2:.2f} {y2:.2f} l S")

    def rect(self, x: float, y: float, width: float, height: float, *, stroke: int = 1, fill: int = 0) -> None:  # noqa: D102
        self._out.append(f"{x:.2f} {y:.2f} {width:.2f} {height:.2f} re {_painted(stroke, fill)}")

    def arc(self, x1: float, y1: float, x2: float, y2: float, startAng: float = 0, extent: float = 90) -> None:  # noqa: N803, D102
        curves = bezierArc(x1, y1, x2, y2, startAng, extent)
        self._out.append(f"{curves[0][0]:.2f} {curves[0][1]:.2f} m")
        self._out += [" ".join(f"{number:.2f}" for number in curve[2:]) + " c" for curve in curves]
        self._out.append("S")

    def circle(self, x: float, y: float, radius: float, stroke: int = 1, fill: int = 0) -> None:  # noqa: D102
        curves = bezierArc(x - radius, y - radius, x + radius, y + radius, 0, 360)
        self._out.append(f"{curves[0][0]:.2f} {curves[0][1]:.2f} m")
        self._out += [" ".join(f"{number:.2f}" for number in curve[2:]) + " c" for curve in curves]
        self._out.append(_painted(stroke, fill))

    def drawString(self, x: float, y: float, text: str) -> None:  # noqa: N802, D102
        assert self._face is not None
        self._chars[self._face.name].update(text)
        self._out.append(
            f"BT /{self._face.resource} {self._size:.2f} Tf {x:.2f} {y:.2f} Td {self._face.hex(text)} Tj ET"
        )

    def drawRightString(self, x: float, y: float, text: str) -> None:  # noqa: N802, D102
        assert self._face is not None
        self.drawString(x - self._face.width(text, self._size), y, text)

    def drawCentredString(self, x: float, y: float, text: str) -> None:  # noqa: N802, D102
        assert self._face is not None
        self.drawString(x - self._face.width(text, self._size) / 2, y, text)


def _painted(stroke: int, fill: int) -> str:
    return {(1, 0): "S", (0, 1): "f", (1, 1): "B"}[stroke, fill]


def rgb(colour: Any) -> str:
    """The colour as three numbers."""
    return f"{colour.red:.3g} {colour.green:.3g} {colour.blue:.3g}"

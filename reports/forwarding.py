"""The papers for one letter to a protected person: it goes sealed, in an inner envelope, to the Swedish Tax Agency, which forwards it.

The office never learns where the person lives (domain: protected persons). Both papers are neutral: whoever handles them sees
that a region writes, not what about.
"""

from dataclasses import dataclass
from datetime import date, datetime

from kansli_tui.errors import LetterError
from kansli_tui.pathway.identity import format_identity
from kansli_tui.rows.letters import Recipient, RegionOffice
from reports import page
from reports.address import MM, address_lines
from reports.templates import Kind
from reports.text import clean, format_date, keep_together, lacking

_TELLING = ("prostat", "cancer", "psa", "urolog")
"""Words that would tell what the letter is about."""
_TITLE = "Begäran om förmedling av post"
_INNER = (
    (Kind.PARAGRAPH, "Fäst bladet utanpå det förslutna innerkuvertet."),
    (Kind.PARAGRAPH, "Är det ett fönsterkuvert? Lägg bladet överst i det och stämpla avsändaren på kuvertet."),
    (Kind.PARAGRAPH, "Kan kuvertet inte lämnas fram? Skicka det oöppnat tillbaka till avsändaren."),
)


@dataclass(frozen=True, slots=True)
class ForwardingJob:
    """One protected person's letters, to be forwarded in one inner envelope.

    `agency` is the forwarding address (a setting of the office), `identity_number` the person's number as stored,
    `letter_ids` the letters in the envelope, `on` the date of the papers.
    """

    office: RegionOffice
    agency: Recipient
    name: str
    identity_number: str
    letter_ids: tuple[str, ...]
    on: date
    invented: bool


def forwarding_papers(job: ForwardingJob, *, created: datetime) -> bytes:
    """Two pages as PDF/A: the cover note to the agency, and the sheet for the inner envelope.

    The agency's address stands in the window of the first, the person's name and number (no address) in that of the second.
    The same job and `created` (with time zone) give the same bytes.

    Raises:
        LetterError: there is no letter, something is empty or does not fit, a character the font lacks, or the sender's
            name or address would tell what the letter is about.
    """
    from reports import styles  # noqa: PLC0415 - reportlab loads when paper is set
    from reports.frame import draw_address, up  # noqa: PLC0415
    from reports.pdf_file import PdfFile  # noqa: PLC0415
    from reports.tag_tree import Tag  # noqa: PLC0415
    from reports.typeset import draw, lay  # noqa: PLC0415

    sheet = page.sheet(job.office)
    person = (clean(job.name), format_identity(job.identity_number))
    cover = _cover(job)
    _check(job, person, cover)
    file = PdfFile(created, f"Förmedling {job.letter_ids[0]}")
    contents, tags = [], []
    for number, (lines, texts) in enumerate(((address_lines(job.agency), cover), (person, _INNER))):
        content = [_frame(job, sheet, number, file.chars)]
        content.append(f"/P<</MCID 0>>BDC {draw_address(lines, sheet, file.chars)} EMC")
        tags.append(Tag("P", number, 0))
        top = up(page.BODY.y)
        mark = 0
        for kind, text in texts:
            across = page.BODY.width * MM
            types = {Kind.TITLE: "H1", Kind.ITEM: "LI"}
            for laid in lay(
                text,
                styles.LOOKS[kind],
                across,
                keep=False,
                type_=types.get(kind, "P"),
                bullet="•" if kind is Kind.ITEM else "",
            ):
                mark += 1
                top -= laid.before + 3
                content.append(f"/{laid.type}<</MCID {mark}>>BDC {draw(laid, page.BODY.x * MM, top, file.chars)} EMC")
                tags.append(Tag(laid.type, number, mark))
                top -= laid.height
        contents.append("\n".join(content))
    file.add(contents, file.plan(tags, len(contents), "sv-SE"), f"Formedling {job.letter_ids[0]}")
    return file.finish()


def _cover(job: ForwardingJob) -> tuple[tuple[Kind, str], ...]:
    """The note to the agency, block by block."""
    office = job.office
    count = len(job.letter_ids)
    numbers = ", ".join(job.letter_ids)
    return (
        (Kind.TITLE, _TITLE),
        (
            Kind.PARAGRAPH,
            "Vi ber Skatteverket att förmedla det bifogade innerkuvertet till en person med skyddade personuppgifter.",
        ),
        (Kind.ITEM, "Innerkuvertet är förslutet. På det står personens namn och personnummer, men ingen adress."),
        (Kind.ITEM, f"Antal innerkuvert: 1. Antal brev i kuvertet: {count}."),
        (Kind.ITEM, f"Brevets nummer: {numbers}." if count == 1 else f"Brevens nummer: {numbers}."),
        (
            Kind.PARAGRAPH,
            "Varken kuvertet eller brevet visar var personen bor. Vi ber inte om adressen. Lämna den inte till oss.",
        ),
        (
            Kind.PARAGRAPH,
            (
                "Kan kuvertet inte förmedlas? Skicka det oöppnat tillbaka till oss och ange numret ovan: "
                f"{clean(office.name)}, {clean(office.return_address)}."
            ),
        ),
        (Kind.PARAGRAPH, f"Frågor? Ring oss på {keep_together(clean(office.phone))}, {clean(office.hours)}."),
    )


def _check(job: ForwardingJob, person: tuple[str, str], cover: tuple[tuple[Kind, str], ...]) -> None:
    """Refuse papers that would be wrong, or that would tell."""
    from reports import styles  # noqa: PLC0415 - reportlab

    if not job.letter_ids:
        raise LetterError("There is no letter to forward.")
    if not all(person):
        raise LetterError("The person's name or number is empty. The agency needs both to forward the letter.")
    office = job.office
    sender = (clean(office.name), clean(office.return_address))
    if not all(sender):
        raise LetterError("The region's name or return address is empty. Fill it in under the region's settings.")
    outside = " ".join((*sender, *address_lines(job.agency), *(text for _, text in cover))).casefold()
    if any(word in outside for word in _TELLING):
        raise LetterError(
            "The region's name, return address or hours tell what the letter is about. "
            "Give a neutral one under the region's settings: the paper lies outside the sealed envelope."
        )
    glyphs = styles.register_fonts()
    code = lacking(" ".join(person), glyphs)
    if code:
        raise LetterError(
            "The person's name has the character {code}, which the letter font lacks. "
            "Correct it in the register or write the envelope by hand.",
            code=code,
        )
    code = lacking(" ".join((*sender, *address_lines(job.agency), *(text for _, text in cover))), glyphs)
    if code:
        raise LetterError(
            "The region's settings have the character {code}, which the letter font lacks. Correct them.", code=code
        )


def _frame(job: ForwardingJob, sheet: page.Sheet, number: int, chars: dict[str, set[str]]) -> str:
    """Sender, date and footer, without the programme's name."""
    from reports import styles  # noqa: PLC0415 - reportlab
    from reports.frame import up  # noqa: PLC0415
    from reports.ink import Ink  # noqa: PLC0415
    from reports.labels import labels  # noqa: PLC0415
    from reports.logo import draw_logo  # noqa: PLC0415
    from reports.typeset import draw, lay  # noqa: PLC0415

    ink = Ink(chars)
    words, office = labels("sv"), job.office
    ink.raw("/Artifact BMC")
    draw_logo(ink, page.LOGO, up(page.LOGO.bottom), (clean(office.name), ""))
    ink.setFillColor(styles.INK)
    ink.setFont(styles.REGULAR, 10)
    if number == 0:
        ink.drawRightString(page.DATELINE.right * MM, up(page.DATELINE.y + 5), format_date(job.on, "sv"))
    top = up(sheet.sender.y)
    texts = ((words.sender, styles.SENDER_LABEL), (clean(office.name), styles.SENDER))
    for text, look in (*texts, (clean(office.return_address), styles.SENDER)):
        for laid in lay(text, look, sheet.sender.width * MM, keep=False):
            ink.raw(draw(laid, sheet.sender.x * MM, top, chars))
            top -= laid.height
    if top < up(sheet.sender.bottom):
        raise LetterError("The region's names and return address are too long for the letterhead. Shorten them.")
    if job.invented:
        ink.setFillColor(styles.WARNING)
        ink.setFont(styles.BOLD, 10)
        ink.drawCentredString(page.WIDTH / 2 * MM, up(page.NOTICE.bottom - 1), words.invented)
    ink.raw("EMC")
    return ink.content

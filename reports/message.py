"""A letter as the text of a message on screen: no address, no columns, lines that break where the reader's own screen does."""

from kansli_tui.rows.letters import LetterContent
from reports.labels import labels, spoken
from reports.templates import SAMPLING_TYPES, Kind, compose, region_values
from reports.text import NO_BREAK, clean, enclosed_paragraphs, format_date, visible

_SUBJECTS = {"sv": "Brev från {region}", "en": "Letter from {region}"}


def message_subject(letter: LetterContent) -> str:
    """Who writes, and nothing of what about: a subject can be seen by others than the person."""
    return _SUBJECTS[spoken(letter.language)].format(region=clean(letter.region.name))


def message_text(letter: LetterContent) -> str:
    """Title, text and what has been written to the person; then what stands in the paper's side column, since the text names it.

    Raises:
        LetterError: a value is missing or wrong.
    """
    words, region = labels(letter.language), region_values(letter.region, letter.language)
    out = [words.invented] if letter.invented else []
    previous: Kind | None = None
    for piece in compose(letter):
        lines = [visible(line) for line in piece.text.split("\n")]
        text = "\n".join(f"- {line}" for line in lines) if piece.kind is Kind.ITEM else "\n".join(lines)
        if previous is Kind.HEADING or piece.kind is previous is Kind.ITEM:
            out[-1] += f"\n{text}"
        else:
            out.append(text)
        previous = piece.kind
    paragraphs = enclosed_paragraphs(letter.enclosure)
    if paragraphs:
        out += [words.enclosure, *map(visible, paragraphs)]
    if letter.type in SAMPLING_TYPES:
        places = [f"- {clean(place)}" for place in letter.region.sampling_places]
        out.append("\n".join([words.places, *places]))
    phone = words.phone.format(phone=region["phone"])
    out += [
        "\n".join([words.contact, region["office"], f"{phone}, {region['hours']}", region["web"]]),
        f"{words.help}\n{words.help_text}",
        f"{region['region']}\n{format_date(letter.on, letter.language)}\n{words.letter.format(letter=letter.letter_id)}",
    ]
    return "\n\n".join(out).replace(NO_BREAK, " ") + "\n"

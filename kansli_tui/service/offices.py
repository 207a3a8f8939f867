"""The regions' offices as letters name them (phone, hours, places, window), and how their post goes."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kansli_tui.errors import KansliError
from kansli_tui.rows.letter_states import Channel
from kansli_tui.rows.letters import Recipient, RegionOffice
from kansli_tui.settings import Settings

_Text = Annotated[str, Field(min_length=1)]


class _OfficeFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: _Text
    office_name: _Text
    phone: _Text
    hours: _Text
    sampling_places: tuple[_Text, ...]
    web: _Text
    return_address: _Text
    window: str = Field(pattern="^(H2|V2)$")
    hours_en: str = ""
    window_box: tuple[float, float, float, float] | None = None
    channel: Literal["paper", "vendor"] = "paper"
    unread_days: int = Field(default=7, ge=1, le=60)


_POST = frozenset({"channel", "unread_days"})
"""What is about a region's post, and stands in no letter."""


@dataclass(frozen=True, slots=True)
class RegionPost:
    """How a region's letters leave: by its own printer or a print house, and how many days one in 1177 may stay unread."""

    channel: Channel = Channel.PAPER
    unread_days: int = 7


def offices(file: Path | None) -> dict[str, RegionOffice]:
    """Every region's office by county code, from the office's own file or the delivered one."""
    return {code: office for code, (office, _post) in _read(file).items()}


def post_of(file: Path | None, region: str) -> RegionPost:
    """How a region's post goes; a region that the file lacks prints by itself."""
    found = _read(file).get(region)
    return found[1] if found is not None else RegionPost()


@cache
def _read(file: Path | None) -> dict[str, tuple[RegionOffice, RegionPost]]:
    source = file if file is not None else resources.files("kansli_tui").joinpath("offices.toml")
    try:
        data = tomllib.loads(source.read_text(encoding="utf-8"))
        read = {code: _OfficeFile.model_validate(values) for code, values in data.items()}
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as problem:
        raise KansliError("The offices file cannot be used: {problem}", problem=problem) from problem
    return {
        code: (
            RegionOffice(code=code, **office.model_dump(exclude=set(_POST))),
            RegionPost(Channel(office.channel), office.unread_days),
        )
        for code, office in read.items()
    }


def agency_of(settings: Settings) -> Recipient:
    """Where the tax agency takes letters to protected people, to forward them."""
    to = settings.forwarding
    return Recipient(to.name, to.lines, to.postcode, to.city)

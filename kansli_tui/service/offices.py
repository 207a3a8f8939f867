"""The regions' offices as letters name them: phone, hours, places and window."""

import tomllib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kansli_tui.errors import KansliError
from kansli_tui.rows.letters import RegionOffice

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


@cache
def offices(file: Path | None) -> dict[str, RegionOffice]:
    """Every region's office by county code, from the office's own file or the delivered one."""
    source = file if file is not None else resources.files("kansli_tui").joinpath("offices.toml")
    try:
        data = tomllib.loads(source.read_text(encoding="utf-8"))
        read = {code: _OfficeFile.model_validate(values) for code, values in data.items()}
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as problem:
        raise KansliError("The offices file cannot be used: {problem}", problem=problem) from problem
    return {code: RegionOffice(code=code, **office.model_dump()) for code, office in read.items()}

"""Settings of an installation: where the database is, how files look, and the regions' office data for letters.

Read from the environment (KANSLI_…) and, where given, a TOML file named by KANSLI_SETTINGS. No secret is ever printed.
"""

import tomllib
from pathlib import Path
from typing import Any

from platformdirs import user_data_path
from pydantic import BaseModel, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from kansli_tui.errors import KansliError


class ForwardingAddress(BaseModel):
    """Where letters to protected people are sent to be forwarded. Delivered as the tax agency states it publicly."""

    name: str = "Skatteverket"
    lines: tuple[str, ...] = ("Box 2820",)
    postcode: str = "40320"
    city: str = "GÖTEBORG"


class Settings(BaseSettings):
    """What an office sets. The defaults work for one computer with nothing set."""

    model_config = SettingsConfigDict(env_prefix="KANSLI_", extra="ignore")

    database_url: str = Field(default_factory=lambda: f"sqlite:///{user_data_path('kansli') / 'kansli.db'}")
    stats_database_url: str | None = None
    """A hot standby that statistics are read from; nothing is written there. Without it they are read where the work is done."""
    population_columns: dict[str, str] = Field(default_factory=dict)
    """Our heading → the file's heading, for register files with other headings."""
    lowest_match: float = Field(default=0.70, ge=0, le=1)
    """A register file that matches less than this share of the expected people stops whole."""
    match_from_rows: int = Field(default=10, ge=1)
    """Smaller files are not judged by their match."""
    offices_file: Path | None = None
    """A TOML file with the regions' phone, hours, places and return address; the delivered one has invented numbers."""
    laboratory_profile: Path | None = None
    """The laboratory's profile (identities, codes, charset); the delivered one fits the samples."""
    laboratory_profiles: dict[str, Path] = Field(default_factory=dict)
    """County code → profile, where a region has a laboratory of its own."""
    radiology_profile: Path | None = None
    """The profile of the radiology system that MRI referrals go to; the delivered one fits the samples."""
    radiology_profiles: dict[str, Path] = Field(default_factory=dict)
    """County code → profile, where a region has a radiology system of its own."""
    forwarding: ForwardingAddress = Field(default_factory=ForwardingAddress)
    lease_minutes: int = Field(default=15, ge=1)
    language: str = "sv"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over the environment; nothing else is read."""
        del settings_cls, dotenv_settings, file_secret_settings
        return init_settings, env_settings


def load_settings(file: Path | None = None, **given: Any) -> Settings:
    """Settings from an optional TOML file, the environment, and `given`, the later winning. KansliError says what is wrong."""
    try:
        from_file = {} if file is None else tomllib.loads(file.read_text(encoding="utf-8"))
        environment = Settings().model_dump(exclude_unset=True)
        return Settings(**{**from_file, **environment, **given})
    except (OSError, tomllib.TOMLDecodeError) as problem:
        raise KansliError("The settings file cannot be read: {problem}", problem=problem) from problem
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise KansliError("The setting {where} is not right: {problem}", where=where, problem=first["msg"]) from problem

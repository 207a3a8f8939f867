"""The laboratories' profiles: which one a region orders from, and which one has sent a file."""

from pathlib import Path

from kansli_tui.exchange.profile import Profile, default_profile, load_profile
from kansli_tui.settings import Settings


def profile_for(settings: Settings, region: str) -> Profile:
    """The profile of the laboratory that a region orders from."""
    return _load(settings.laboratory_profiles.get(region, settings.laboratory_profile))


def profile_of(settings: Settings, raw: bytes) -> Profile:
    """The profile of the laboratory whose facility a file names; the common one where it names none of them."""
    for file in settings.laboratory_profiles.values():
        profile = _load(file)
        if f"|{profile.their_facility}|".encode() in raw:
            return profile
    return _load(settings.laboratory_profile)


def _load(file: Path | None) -> Profile:
    return default_profile() if file is None else load_profile(file)

"""The counterparts' profiles: which laboratory and radiology a region orders from, and which one has sent a file."""

from pathlib import Path

from kansli_tui.exchange.profile import Profile, default_profile, load_profile, radiology_profile
from kansli_tui.settings import Settings


def profile_for(settings: Settings, region: str) -> Profile:
    """The profile of the laboratory that a region orders from."""
    return _laboratory(settings.laboratory_profiles.get(region, settings.laboratory_profile))


def radiology_for(settings: Settings, region: str) -> Profile:
    """The profile of the radiology system that a region's MRI referrals go to."""
    return _radiology(settings.radiology_profiles.get(region, settings.radiology_profile))


def profile_of(settings: Settings, raw: bytes) -> Profile:
    """The profile of the counterpart whose facility a file names; the common laboratory's where it names none of them."""
    laboratories = (_laboratory(file) for file in settings.laboratory_profiles.values())
    radiology = (_radiology(file) for file in (*settings.radiology_profiles.values(), settings.radiology_profile))
    for found in (laboratories, radiology):
        for profile in found:
            if f"|{profile.their_facility}|".encode() in raw:
                return profile
    return _laboratory(settings.laboratory_profile)


def _laboratory(file: Path | None) -> Profile:
    return default_profile() if file is None else load_profile(file)


def _radiology(file: Path | None) -> Profile:
    return radiology_profile() if file is None else load_profile(file)

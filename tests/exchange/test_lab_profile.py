"""Profiles from TOML: what is accepted, and what the errors say."""

from pathlib import Path

import pytest

from kansli_tui.errors import UnreadableFileError
from kansli_tui.exchange.profile import Profile, PsaAlias, default_profile, load_profile

NEEDED = 'name = "Kalmar"\nour_facility = "SE1-OPT"\ntheir_facility = "SE1-LAB"\nprocessing_id = "P"\n'


def write(folder: Path, text: str) -> Path:
    path = folder / "profile.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_short_profile_keeps_the_defaults(tmp_path: Path) -> None:
    read = load_profile(write(tmp_path, NEEDED))
    assert read == Profile(name="Kalmar", our_facility="SE1-OPT", their_facility="SE1-LAB", processing_id="P")


def test_codes_and_aliases(tmp_path: Path) -> None:
    more = (
        'charset = "8859/1"\npsa_codes = ["NPU08669"]\npsa_aliases = [{code = "PSA", system = "L"}, {code = "SPSA"}]\n'
    )
    read = load_profile(write(tmp_path, NEEDED + more))
    assert read.psa_aliases == (PsaAlias("PSA", "L"), PsaAlias("SPSA"))
    assert read.charset == "8859/1"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "lacks the key name"),
        (NEEDED.replace('processing_id = "P"', ""), "lacks the key processing_id"),
        (NEEDED.replace('"P"', '"X"'), "processing_id is X; it must be one of: P, T, D"),
        (NEEDED + 'charset = "UTF-16"', "must be one of: ASCII"),
        (NEEDED + 'cancel_message = "OML_O21"', "must be one of: ORM_O01"),
        (NEEDED + "fel = 1", "does not exist: fel"),
        (NEEDED + 'our_application = ""', "our_application must be a text"),
        (NEEDED + 'our_application = "a\\nb"', "our_application must be a text"),
        (NEEDED + "country = 46", "country must be a text"),
        (NEEDED + "psa_codes = []", "psa_codes must be a list"),
        (NEEDED + "psa_aliases = 1", "list of {code, system}"),
        (NEEDED + 'psa_aliases = [{system = "L"}]', "list of {code, system}"),
        ("name = ", "not valid TOML"),
    ],
)
def test_errors_say_what_is_wrong(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        load_profile(write(tmp_path, text))
    assert says in str(caught.value)


def test_a_file_that_cannot_be_opened_or_decoded(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="cannot be opened"):
        load_profile(tmp_path / "saknas.toml")
    (tmp_path / "latin.toml").write_bytes("name = 'Jönköping'".encode("iso8859-1"))
    with pytest.raises(UnreadableFileError, match="not UTF-8"):
        load_profile(tmp_path / "latin.toml")


def test_the_default_is_that_of_the_samples() -> None:
    profile = default_profile()
    assert (profile.our_facility, profile.their_facility) == ("SE2321000040-OPT1", "SE2321000040-LAB1")
    assert profile.psa_codes == ("NPU08669",)

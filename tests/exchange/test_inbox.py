"""The watched folder: nothing is taken too early, twice or lost."""

import os
from pathlib import Path

import pytest

from kansli_tui.errors import ChangedBySomeoneElseError, RefusedError
from kansli_tui.exchange.inbox import Claim, Inbox, LeftAlone, Waiting

NOW = 1_790_000_000.0


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    made = Inbox(tmp_path / "lab")
    made.make_folders()
    return made


def drop(inbox: Inbox, name: str = "svar.hl7", content: bytes = b"MSH") -> Path:
    path = inbox.inbox / name
    path.write_bytes(content)
    return path


def take(inbox: Inbox, now: float = NOW) -> Claim:
    inbox.look(now)
    (claim,) = inbox.look(now + 10).claims
    return claim


def test_a_file_is_taken_once_it_has_stood_still_between_two_looks(inbox: Inbox) -> None:
    path = drop(inbox)
    assert inbox.look(NOW).left_alone == (LeftAlone("svar.hl7", Waiting.ARRIVING),)
    assert inbox.look(NOW + 1).claims == ()
    look = inbox.look(NOW + 10)
    (claim,) = look.claims
    assert look.left_alone == ()
    assert not path.exists()
    assert claim.path.read_bytes() == b"MSH"
    assert claim.path.is_relative_to(inbox.working)
    assert inbox.look(NOW + 20).claims == ()


def test_a_growing_file_is_left_alone(inbox: Inbox) -> None:
    path = drop(inbox)
    inbox.look(NOW)
    path.write_bytes(b"MSH more")
    assert inbox.look(NOW + 10).left_alone == (LeftAlone("svar.hl7", Waiting.ARRIVING),)
    assert len(inbox.look(NOW + 20).claims) == 1


def test_a_file_rewritten_with_the_same_size_is_left_alone(inbox: Inbox) -> None:
    path = drop(inbox)
    inbox.look(NOW)
    os.utime(path, ns=(1, 1))
    assert inbox.look(NOW + 10).claims == ()


def test_what_is_not_ours_to_take_is_named(inbox: Inbox) -> None:
    drop(inbox, "halv.hl7.part")
    drop(inbox, ".dold")
    (inbox.inbox / "mapp").mkdir()
    (inbox.inbox / "lank").symlink_to(drop(inbox, "svar.hl7"))
    inbox.look(NOW)
    look = inbox.look(NOW + 10)
    assert [claim.name for claim in look.claims] == ["svar.hl7"]
    assert look.left_alone == (
        LeftAlone("halv.hl7.part", Waiting.UNFINISHED),
        LeftAlone("lank", Waiting.NOT_A_FILE),
        LeftAlone("mapp", Waiting.NOT_A_FILE),
    )


@pytest.mark.parametrize("method", ["open", "rename"])
def test_a_file_open_elsewhere_is_left_alone_and_taken_later(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    path = drop(inbox)
    inbox.look(NOW)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "open elsewhere")

    with monkeypatch.context() as patch:
        patch.setattr(Path, method, refuse)
        assert inbox.look(NOW + 10).left_alone == (LeftAlone("svar.hl7", Waiting.NO_ACCESS),)
    assert path.exists()
    assert list(inbox.working.iterdir()) == []
    assert len(inbox.look(NOW + 20).claims) == 1


def test_done_and_held_never_overwrite(inbox: Inbox) -> None:
    where = []
    for number in range(3):
        drop(inbox, content=str(number).encode())
        where.append(inbox.finish(take(inbox, NOW + 100 * number)))
    assert [path.name for path in where] == ["svar.hl7", "svar-2.hl7", "svar-3.hl7"]
    assert [path.read_bytes() for path in where] == [b"0", b"1", b"2"]
    drop(inbox, content=b"held")
    assert inbox.finish(take(inbox, NOW + 1000), held=True) == inbox.held / "svar.hl7"
    assert list(inbox.working.iterdir()) == []


def test_a_long_name_finds_a_free_name(inbox: Inbox) -> None:
    name = "å" * 120 + ".hl7"
    for number in range(2):
        drop(inbox, name)
        inbox.finish(take(inbox, NOW + 100 * number))
    assert len(list(inbox.done.iterdir())) == 2


def test_a_claim_left_by_a_program_that_died_is_taken_again(inbox: Inbox) -> None:
    drop(inbox)
    lost = take(inbox)
    after = Inbox(inbox.root)
    assert after.look(NOW + 60).claims == ()
    (claim,) = after.look(NOW + 10 + after.stale_seconds).claims
    assert claim.name == "svar.hl7"
    assert claim.path != lost.path
    with pytest.raises(ChangedBySomeoneElseError):
        inbox.finish(lost)
    assert list(inbox.done.iterdir()) == []
    assert after.finish(claim).read_bytes() == b"MSH"


def test_an_empty_folder_of_a_dead_program_is_tidied_away(inbox: Inbox) -> None:
    folder = inbox.working / f"{int(NOW)}-{'0' * 32}"
    folder.mkdir()
    inbox.look(NOW + 1)
    assert folder.exists()
    inbox.look(NOW + inbox.stale_seconds)
    assert not folder.exists()


def test_two_programs_never_take_the_same_file(inbox: Inbox) -> None:
    other = Inbox(inbox.root)
    for number in range(20):
        drop(inbox, f"{number:02}.hl7")
    for program in (inbox, other):
        program.look(NOW)
    first, second = inbox.look(NOW + 10).claims, other.look(NOW + 10).claims
    assert len(first) == 20
    assert second == ()


def test_a_file_taken_between_listing_and_claiming_is_nobodys_error(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop(inbox)
    inbox.look(NOW)
    opened = Path.open

    def vanish(self: Path, *args: object, **kwargs: object) -> object:
        path.unlink(missing_ok=True)
        return opened(self, *args, **kwargs)  # type: ignore[call-overload]

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", vanish)
        look = inbox.look(NOW + 10)
    assert (look.claims, look.left_alone) == ((), ())
    assert list(inbox.working.iterdir()) == []


def test_a_full_disk_leaves_the_claim_for_later(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(inbox)
    claim = take(inbox)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        with pytest.raises(RefusedError, match="No space left"):
            inbox.finish(claim)
    assert list(inbox.done.iterdir()) == []
    assert claim.path.exists()
    assert inbox.finish(claim).exists()


def test_a_released_file_is_taken_again(inbox: Inbox) -> None:
    drop(inbox)
    assert inbox.release(take(inbox)) == inbox.inbox / "svar.hl7"
    assert take(inbox, NOW + 100).path.read_bytes() == b"MSH"


def test_a_missing_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="does not exist"):
        Inbox(tmp_path / "saknas").look(NOW)
    (tmp_path / "fil").write_bytes(b"")
    with pytest.raises(RefusedError, match="cannot be made"):
        Inbox(tmp_path / "fil").make_folders()

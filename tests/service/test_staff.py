"""Who may work here: passwords, ten failures, regions given and taken, and always a supervisor left."""

import re

import pytest
from sqlalchemy import select

from db.models import AuditRow, Staff
from kansli_tui.errors import KansliError, NotAllowedError, NotFoundError, RefusedError
from kansli_tui.rows.office import Actor, Role
from kansli_tui.service.staff import StaffService
from tests.world import World

PASSWORD = "ett långt lösenord"


@pytest.fixture
def staff(world: World) -> StaffService:
    service = world.office.staff
    service.install_first("chef", ("05", "06", "08"))
    service.add(world.per, username="eva", name="Eva", role=Role.CASEWORKER, regions=("05",), password=PASSWORD)
    return service


def log(world: World) -> list[tuple[str, str, str]]:
    with world.context.sessions.read() as session:
        return [(row.action, row.actor, row.subject) for row in session.scalars(select(AuditRow).order_by(AuditRow.id))]


def test_signing_in_gives_role_and_regions(world: World, staff: StaffService) -> None:
    actor = staff.sign_in(" eva ", PASSWORD)
    assert actor == Actor("eva", "Eva", Role.CASEWORKER, frozenset({"05"}))
    assert log(world)[-1] == ("sign_in", "eva", "")


@pytest.mark.parametrize(
    ("username", "password"),
    [("eva", "fel"), ("eva", ""), ("nobody", PASSWORD), ("", ""), ("eva\x00", "x"), ("' OR 1=1 --", "x"), ("chef", "")],
)
def test_wrong_sign_ins_are_all_answered_alike_and_logged(
    world: World, staff: StaffService, username: str, password: str
) -> None:
    with pytest.raises(NotAllowedError) as refused:
        staff.sign_in(username, password)
    assert str(refused.value).startswith("User name or password is wrong")
    assert log(world)[-1][0] == "sign_in.failed"
    assert password == "" or password not in str(log(world))


def test_ten_failures_close_the_account_until_a_supervisor_opens_it(world: World, staff: StaffService) -> None:
    for _ in range(10):
        with pytest.raises(NotAllowedError):
            staff.sign_in("eva", "fel")
    with pytest.raises(NotAllowedError):
        staff.sign_in("eva", PASSWORD)
    staff.grant(world.per, "eva", ())
    assert staff.sign_in("eva", PASSWORD).username == "eva"


def test_nine_failures_and_a_right_one_begin_again(world: World, staff: StaffService) -> None:
    for failures in (9, 1):
        for _ in range(failures):
            with pytest.raises(NotAllowedError):
                staff.sign_in("eva", "fel")
        staff.sign_in("eva", PASSWORD)


def test_regions_are_given_and_taken(world: World, staff: StaffService) -> None:
    staff.grant(world.per, "eva", ("06", "05"))
    assert staff.sign_in("eva", PASSWORD).regions == {"05", "06"}
    staff.revoke(world.per, "eva", ("05",))
    assert staff.sign_in("eva", PASSWORD).regions == {"06"}
    for act in (staff.grant, staff.revoke):
        with pytest.raises(KansliError):
            act(world.per, "eva", ("01",))
        with pytest.raises(NotFoundError):
            act(world.per, "okänd", ("05",))


def test_a_revoked_account_is_closed_for_the_program_and_the_command_line(world: World, staff: StaffService) -> None:
    staff.revoke(world.per, "eva")
    with pytest.raises(NotAllowedError):
        staff.sign_in("eva", PASSWORD)
    with pytest.raises(NotFoundError):
        staff.as_user("eva")
    assert [row.active for row in staff.rows(world.anna) if row.username == "eva"] == [False]
    staff.grant(world.per, "eva", ("05",))
    assert staff.as_user("eva").regions == {"05"}


def test_the_last_supervisor_stays(world: World, staff: StaffService) -> None:
    with pytest.raises(RefusedError, match="last supervisor"):
        staff.revoke(world.per, "chef")
    staff.add(world.per, username="per2", name="Per", role=Role.SUPERVISOR, regions=("05",), password=PASSWORD)
    staff.revoke(world.per, "chef")
    with pytest.raises(RefusedError):
        staff.revoke(world.per, "per2")


def test_only_supervisors_handle_staff(world: World, staff: StaffService) -> None:
    for act in (
        lambda: staff.add(world.anna, username="x", name="X", role=Role.SUPERVISOR, regions=("05",), password=PASSWORD),
        lambda: staff.grant(world.anna, "anna", ("05",)),
        lambda: staff.revoke(world.anna, "eva"),
        lambda: staff.set_password(world.anna, "eva", PASSWORD),
    ):
        with pytest.raises(NotAllowedError):
            act()


@pytest.mark.usefixtures("slow_passwords")
def test_passwords_are_hashed_and_changed_by_oneself(world: World, staff: StaffService) -> None:
    eva = staff.as_user("eva")
    staff.set_password(eva, "eva", "ett helt nytt lösenord")
    with pytest.raises(NotAllowedError):
        staff.sign_in("eva", PASSWORD)
    staff.sign_in("eva", "ett helt nytt lösenord")
    with pytest.raises(KansliError, match="at least"):
        staff.set_password(eva, "eva", "kort")
    with world.context.sessions.read() as session:
        stored = session.scalars(select(Staff.password_hash).where(Staff.username == "eva")).one()
    assert stored.startswith("$argon2id$")
    memory, passes = re.findall(r"m=(\d+),t=(\d+),", stored)[0]
    # The least work for a guesser that OWASP's cheat sheet on storing passwords asks for.
    assert int(memory) >= 19_456
    assert int(passes) >= 2


@pytest.mark.parametrize(
    "values",
    [
        {"username": " "},
        {"name": ""},
        {"password": "kort"},
        {"regions": ("01",)},
        {"role": Role.SYSTEM},
        {"username": "eva"},
        {"username": "x" * 81},
        {"name": "x" * 81},
    ],
)
def test_what_makes_no_member_of_staff(world: World, staff: StaffService, values: dict[str, object]) -> None:
    plain: dict[str, object] = {
        "username": "ny",
        "name": "Ny",
        "role": Role.CASEWORKER,
        "regions": ("05",),
        "password": PASSWORD,
        **values,
    }
    with pytest.raises(KansliError):
        staff.add(world.per, **plain)  # type: ignore[arg-type]
    assert len(staff.rows(world.per)) == 2


def test_the_first_supervisor_is_installed_once(world: World, staff: StaffService) -> None:
    assert staff.anyone()
    with pytest.raises(KansliError):
        staff.install_first("annan", ("05",))
    assert staff.first_supervisor().username == "chef"


def test_everything_about_staff_is_logged(world: World, staff: StaffService) -> None:
    staff.grant(world.per, "eva", ("06",))
    staff.revoke(world.per, "eva", ("06",))
    staff.set_password(world.per, "eva", PASSWORD)
    assert [action for action, _actor, _subject in log(world)] == [
        "staff.add",
        "staff.add",
        "staff.grant",
        "staff.revoke",
        "staff.password",
    ]

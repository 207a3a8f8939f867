"""The office's staff: signing in on SQLite with the program's own passwords, and who works for which regions."""

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from db import audit
from db.models import Staff, StaffRegion
from kansli_tui.errors import KansliError, NotAllowedError, NotFoundError, RefusedError
from kansli_tui.rows.office import REGIONS, Actor, Role, StaffRow
from kansli_tui.service.context import SYSTEM, Context, plain, require_supervisor

_SHORTEST_PASSWORD = 10
_MOST_FAILURES = 10
_LONGEST_NAME = 80


class StaffService:
    """Staff and sign-in."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def sign_in(self, username: str, password: str) -> Actor:
        """The actor, or NotAllowedError. Both outcomes are logged; ten failures in a row close the account."""
        from argon2 import PasswordHasher  # noqa: PLC0415 - felt at start-up
        from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415

        at, username = self._context.clock(), plain(username)
        with self._context.sessions.begin() as session:
            staff = session.scalar(select(Staff).where(Staff.username == username).with_for_update())
            try:
                open_account = staff is not None and staff.active and staff.failed_sign_ins < _MOST_FAILURES
                # Somebody unknown is answered like a wrong password: an empty hash never verifies.
                PasswordHasher().verify(staff.password_hash if staff is not None and open_account else "", password)
            except (VerificationError, InvalidHashError):
                if staff is not None:
                    staff.failed_sign_ins += 1
                audit.record(session, SYSTEM, at, "sign_in.failed", subject=staff.username if staff else "unknown")
                actor: Actor | None = None
            else:
                assert staff is not None
                staff.failed_sign_ins = 0
                actor = self._actor(session, staff)
                audit.record(session, actor, at, "sign_in")
        if actor is None:
            raise NotAllowedError("User name or password is wrong, or the account is closed. Ask a supervisor.")
        return actor

    def as_user(self, username: str) -> Actor:
        """The actor behind a user name, for the command line and the demo, where the computer's own sign-in stands."""
        with self._context.sessions.begin() as session:
            staff = session.scalar(select(Staff).where(Staff.username == username, Staff.active))
            if staff is None:
                raise NotFoundError("There is no active user {user}.", user=username)
            return self._actor(session, staff)

    def anyone(self) -> bool:
        """Whether any member of staff exists."""
        with self._context.sessions.read() as session:
            return bool(session.scalar(select(func.count(Staff.id))))

    def first_supervisor(self) -> Actor:
        """Somebody to act as where people are invented and the computer's user is nobody there."""
        with self._context.sessions.read() as session:
            staff = session.scalar(
                select(Staff).where(Staff.role == Role.SUPERVISOR, Staff.active).order_by(Staff.id).limit(1)
            )
            if staff is None:
                raise NotFoundError("There is no active user {user}.", user=Role.SUPERVISOR.value)
            return self._actor(session, staff)

    def install_first(self, username: str, regions: tuple[str, ...]) -> None:
        """Whoever makes the database is its first supervisor, signed in by the computer until a password is set."""
        with self._context.sessions.begin() as session:
            if session.scalar(select(func.count(Staff.id))):
                raise KansliError("The office has staff already.")
            staff = Staff(username=username, name=username, role=Role.SUPERVISOR, password_hash="")
            session.add(staff)
            session.flush()
            session.add_all(StaffRegion(staff_id=staff.id, region=region) for region in regions)
            audit.record(session, SYSTEM, self._context.clock(), "staff.add", subject=f"{username} supervisor")

    def set_password(self, actor: Actor, username: str, password: str) -> None:
        """Set somebody's password: one's own, or a supervisor anybody's."""
        from argon2 import PasswordHasher  # noqa: PLC0415 - felt at start-up

        if username != actor.username:
            require_supervisor(actor)
        _check_password(password)
        with self._context.sessions.begin() as session:
            staff = self._staff(session, username)
            staff.password_hash, staff.failed_sign_ins = PasswordHasher().hash(password), 0
            audit.record(session, actor, self._context.clock(), "staff.password", subject=username)

    def rows(self, actor: Actor) -> tuple[StaffRow, ...]:
        """Everybody, by user name."""
        del actor
        with self._context.sessions.read() as session:
            regions: dict[int, list[str]] = {}
            for grant in session.scalars(select(StaffRegion).order_by(StaffRegion.region)):
                regions.setdefault(grant.staff_id, []).append(grant.region)
            return tuple(
                StaffRow(staff.username, staff.name, staff.role, tuple(regions.get(staff.id, [])), staff.active)
                for staff in session.scalars(select(Staff).order_by(Staff.username))
            )

    def add(
        self, actor: Actor, *, username: str, name: str, role: Role, regions: tuple[str, ...], password: str
    ) -> None:
        """Add somebody. The very first is added by the program itself."""
        from argon2 import PasswordHasher  # noqa: PLC0415 - felt at start-up

        require_supervisor(actor)
        username, name = plain(username), plain(name)
        if not username or not name:
            raise KansliError("State a user name and a name.")
        if max(len(username), len(name)) > _LONGEST_NAME:
            raise KansliError("A user name or a name has at most {count} characters.", count=_LONGEST_NAME)
        if role is Role.SYSTEM:
            raise KansliError("That role is the program's own.")
        _check_password(password)
        _check_regions(regions)
        with self._context.sessions.begin() as session:
            if session.scalar(select(Staff.id).where(Staff.username == username)) is not None:
                raise KansliError("The user name {user} is taken.", user=username)
            staff = Staff(
                username=username,
                name=name,
                role=role,
                password_hash=PasswordHasher().hash(password),
            )
            session.add(staff)
            session.flush()
            session.add_all(StaffRegion(staff_id=staff.id, region=region) for region in set(regions))
            audit.record(session, actor, self._context.clock(), "staff.add", subject=f"{staff.username} {role.value}")

    def grant(self, actor: Actor, username: str, regions: tuple[str, ...]) -> None:
        """Let somebody work for more regions; also opens an account that failures have closed."""
        require_supervisor(actor)
        _check_regions(regions)
        with self._context.sessions.begin() as session:
            staff = self._staff(session, username)
            staff.active, staff.failed_sign_ins = True, 0
            for region in regions:
                session.merge(StaffRegion(staff_id=staff.id, region=region))
            audit.record(
                session, actor, self._context.clock(), "staff.grant", subject=f"{username} {' '.join(regions)}"
            )

    def revoke(self, actor: Actor, username: str, regions: tuple[str, ...] = ()) -> None:
        """Take regions away, or with none named the whole account."""
        require_supervisor(actor)
        _check_regions(regions)
        with self._context.sessions.begin() as session:
            staff = self._staff(session, username)
            if regions:
                session.execute(
                    delete(StaffRegion).where(StaffRegion.staff_id == staff.id, StaffRegion.region.in_(regions))
                )
            else:
                self._require_another_supervisor(session, staff)
                staff.active = False
            audit.record(
                session,
                actor,
                self._context.clock(),
                "staff.revoke",
                subject=f"{username} {' '.join(regions) or 'account'}",
            )

    def _require_another_supervisor(self, session: Session, staff: Staff) -> None:
        """Without a supervisor nobody could be let in again."""
        others = select(func.count(Staff.id)).where(Staff.role == Role.SUPERVISOR, Staff.active, Staff.id != staff.id)
        if staff.role is Role.SUPERVISOR and not session.scalar(others):
            raise RefusedError("The last supervisor stays: make somebody else a supervisor first.")

    def _staff(self, session: Session, username: str) -> Staff:
        staff = session.scalar(select(Staff).where(Staff.username == username))
        if staff is None:
            raise NotFoundError("There is no active user {user}.", user=username)
        return staff

    def _actor(self, session: Session, staff: Staff) -> Actor:
        regions = session.scalars(select(StaffRegion.region).where(StaffRegion.staff_id == staff.id))
        return Actor(staff.username, staff.name, staff.role, frozenset(regions))


def _check_password(password: str) -> None:
    if len(password) < _SHORTEST_PASSWORD:
        raise KansliError("A password has at least {count} characters.", count=_SHORTEST_PASSWORD)


def _check_regions(regions: tuple[str, ...]) -> None:
    for region in regions:
        if region not in REGIONS:
            raise KansliError("There is no region {region}.", region=region)

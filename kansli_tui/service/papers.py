"""Papers that go beside the letters: those that forward a protected person's letter, and a question to a physician."""

from decimal import Decimal
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import audit
from db.models import Decided, MriAnswer, Person, PsaAnswer, Task
from kansli_tui.errors import NotFoundError, RefusedError
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.answers import DecisionState
from kansli_tui.rows.office import Actor
from kansli_tui.rows.physician_questions import PhysicianQuestion, PsaValue
from kansli_tui.rows.population import Protection
from kansli_tui.rows.referrals import DecisionKind
from kansli_tui.service import batches
from kansli_tui.service.batches import letter_number
from kansli_tui.service.context import Context, local_date, require_region
from kansli_tui.service.files import write_whole
from kansli_tui.service.naming import MASKED_NAME, letter_name, shown_name
from kansli_tui.service.offices import agency_of


class PaperService:
    """Writes papers into a folder. Each is logged, for each names somebody."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def forwarding(self, actor: Actor, batch_id: int, directory: Path) -> tuple[Path, ...]:
        """The cover note to the tax agency and the sheet for the inner envelope of a letter that goes by hand.

        RefusedError for a batch that holds no letter to a protected person. Nothing is written for letters that may not leave.
        """
        from reports.forwarding import ForwardingJob, forwarding_papers  # noqa: PLC0415 - reports load when papers are made

        context = self._context
        files: dict[str, bytes] = {}
        with context.sessions.begin() as session:
            batch = batches.batch_of(session, actor, batch_id)
            if not batch.by_hand:
                raise RefusedError("Only letters to protected people are forwarded.")
            people, out = batches.people_of(session, batch), set(batches.taken_out(session, batch))
            agency = agency_of(context.settings)
            for letter in batches.letters_of(session, batch):
                person = people[letter.person_id]
                if letter.id in out or person.protection is Protection.NONE:
                    continue
                job = ForwardingJob(
                    office=batches.office_of(context, batch.region),
                    agency=agency,
                    name=letter_name(person),
                    identity_number=person.number,
                    letter_ids=(letter_number(letter.id),),
                    on=local_date(batch.made_at),
                    invented=context.facts.invented,
                )
                # The name of the file says which letter, never whose.
                name = f"formedling-{batch.region}-{letter_number(letter.id)}.pdf"
                files[name] = forwarding_papers(job, created=batch.made_at)
                self._logged(session, actor, "letter.forwarding", person, f"letter:{letter.id}")
            if not files:
                raise RefusedError("Only letters to protected people are forwarded.")
        return tuple(write_whole(directory, name, data) for name, data in files.items())

    def physician_question(self, actor: Actor, task_id: int, directory: Path) -> Path:
        """The open question of a task on one page, with room for the answer. RefusedError when it is no question to a physician."""
        from reports.physician_question import physician_question  # noqa: PLC0415 - reports load when papers are made

        with self._context.sessions.begin() as session:
            task = session.get(Task, task_id)
            if task is None:
                raise NotFoundError("There is no such task.")
            require_region(actor, task.region)
            if task.queue is not Queue.MEDICAL or task.person_id is None or task.closed_at is not None:
                raise RefusedError("Only an open question to the physician can be printed.")
            person = session.get_one(Person, task.person_id)
            paper = physician_question(self._question(session, task, person))
            self._logged(session, actor, "case.question_paper", person, f"task:{task.id}")
        return write_whole(directory, f"fraga-{task_id:06d}.pdf", paper)

    def _question(self, session: Session, task: Task, person: Person) -> PhysicianQuestion:
        answers = session.scalars(
            select(PsaAnswer)
            .where(PsaAnswer.person_id == person.id, PsaAnswer.replaced_at.is_(None), PsaAnswer.value.is_not(None))
            .order_by(PsaAnswer.id.desc())
        )
        mri = session.scalar(
            select(MriAnswer)
            .where(MriAnswer.person_id == person.id, MriAnswer.replaced_at.is_(None))
            .order_by(MriAnswer.id.desc())
            .limit(1)
        )
        assessed = (
            session.scalar(
                select(Decided)
                .where(
                    Decided.mri_answer_id == mri.id,
                    Decided.kind == DecisionKind.MRI,
                    Decided.state == DecisionState.CONFIRMED,
                )
                .order_by(Decided.id.desc())
                .limit(1)
            )
            if mri is not None
            else None
        )
        inputs = assessed.inputs if assessed is not None else {}
        protected = person.protection is not Protection.NONE
        return PhysicianQuestion(
            number=f"F-{local_date(task.opened_at).year}-{task.id:06d}",
            office=batches.office_of(self._context, person.region),
            on=self._context.today,
            name=MASKED_NAME if protected else shown_name(person),
            identity_number=person.number,
            birth_date=person.birth_date,
            asked=task.reason,
            why=assessed.reason if assessed is not None else "",
            asked_by=task.opened_by,
            psa=tuple(
                PsaValue(
                    local_date(answer.sampled_at) if answer.sampled_at else None,
                    f"{answer.value:f}",
                    answer.comparator or "",
                )
                for answer in answers
                if answer.value is not None
            ),
            pirads=str(inputs.get("pirads", "")),
            volume_ml=f"{mri.volume_ml:f}" if mri is not None and mri.volume_ml is not None else "",
            density=f"{Decimal(inputs['density']):.3f}" if "density" in inputs else "",
            examined_on=local_date(mri.examined_at) if mri is not None and mri.examined_at else None,
            invented=self._context.facts.invented,
        )

    def _logged(self, session: Session, actor: Actor, action: str, person: Person, subject: str) -> None:
        audit.record(
            session,
            actor,
            self._context.clock(),
            action,
            person_id=person.id,
            region=person.region,
            subject=subject,
        )

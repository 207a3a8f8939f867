"""Opens an office: one object with every service, on one database. What a database is for is set when it is made."""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from db.engine import Sessions, make_engine
from db.models import Meta
from kansli_tui.errors import KansliError, RefusedError
from kansli_tui.rows.office import OfficeFacts
from kansli_tui.service.access_extract import AccessExtractService
from kansli_tui.service.answers import AnswerService
from kansli_tui.service.availability import AvailabilityService
from kansli_tui.service.balance import BalanceService
from kansli_tui.service.bookings import BookingService
from kansli_tui.service.cases import CaseService
from kansli_tui.service.channels import ChannelService
from kansli_tui.service.context import Context, now_utc
from kansli_tui.service.corrections import CorrectionService
from kansli_tui.service.daily import DailyService
from kansli_tui.service.decisions import DecisionService
from kansli_tui.service.delivering import deliver
from kansli_tui.service.examinations import ExaminationService
from kansli_tui.service.follow_up import FollowUpService
from kansli_tui.service.hand_edits import HandEditService
from kansli_tui.service.handovers import HandoverService
from kansli_tui.service.held import HeldService
from kansli_tui.service.letter_texts import LetterTextService
from kansli_tui.service.letters import LetterService
from kansli_tui.service.mail import MailService
from kansli_tui.service.mail_rows import MailRowService
from kansli_tui.service.merging import MergeService
from kansli_tui.service.offers import OfferService
from kansli_tui.service.orders import OrderService
from kansli_tui.service.overview import OverviewService
from kansli_tui.service.papers import PaperService
from kansli_tui.service.queues import QueueService
from kansli_tui.service.referrals import ReferralService
from kansli_tui.service.register_care import RegisterCareService
from kansli_tui.service.requests import RequestService
from kansli_tui.service.rule_book import RuleBook
from kansli_tui.service.rules import RuleService
from kansli_tui.service.staff import StaffService
from kansli_tui.service.statistics import StatisticsService
from kansli_tui.service.stats_people import StatsPeopleService
from kansli_tui.service.targets import TargetService
from kansli_tui.service.units import UnitService
from kansli_tui.service.watch import WatchService
from kansli_tui.service.wishes import WishService
from kansli_tui.settings import Settings
from migrations import runner

if TYPE_CHECKING:
    from kansli_tui.service.history import HistoryService
    from kansli_tui.service.population import PopulationService
    from kansli_tui.service.quality_register import QualityRegisterService
    from kansli_tui.service.stats_reports import StatsReportService

_KIND = "kind"


class Office:
    """Every service on one database. `facts` say what kind of database it is."""

    def __init__(self, context: Context) -> None:
        self.context = context

    @classmethod
    def open(
        cls,
        url: str,
        *,
        clock: Callable[[], datetime] = now_utc,
        settings: Settings | None = None,
        create: str | None = None,
    ) -> "Office":
        """Open the database at `url`. With `create` ('production' or 'invented') a new or older one is brought up first.

        A database never changes its kind. KansliError says what to do when it cannot be opened.
        """
        engine = make_engine(url)
        sessions = Sessions(engine)
        try:
            at = runner.current(engine)
            if create is not None:
                if at != runner.head():
                    runner.upgrade(engine)
            elif at is None:
                raise RefusedError("There is no database yet. Run: kansli-tui db upgrade")
            elif at != runner.head():
                raise RefusedError("The database is of another version of the program. Run: kansli-tui db upgrade")
            with sessions.begin() as session:
                kind = session.get(Meta, _KIND)
                if kind is None:
                    kind = Meta(key=_KIND, value=create or "production")
                    session.add(kind)
                elif create == "invented" and kind.value != "invented":
                    raise RefusedError("This is a production database. Invented people can never be put into it.")
                if create is not None:
                    deliver(session, clock())
        except DBAPIError as problem:
            engine.dispose()
            raise KansliError(
                "The database cannot be opened: {problem}", problem=str(problem.orig).splitlines()[0]
            ) from problem
        except KansliError:
            engine.dispose()
            raise
        facts = OfficeFacts(kind.value, engine.dialect.name)
        chosen = settings or Settings()
        standby = Sessions(make_engine(chosen.stats_database_url)) if chosen.stats_database_url else None
        return cls(Context(sessions, clock, chosen, RuleBook(), facts, standby=standby))

    @property
    def facts(self) -> OfficeFacts:
        """What kind of database this is."""
        return self.context.facts

    def close(self) -> None:
        """Give every connection back."""
        self.context.sessions.engine.dispose()
        if self.context.standby is not None:
            self.context.standby.engine.dispose()

    @cached_property
    def staff(self) -> StaffService:
        """Signing in, and who works for which regions."""
        return StaffService(self.context)

    @cached_property
    def rules(self) -> RuleService:
        """Rule sets."""
        return RuleService(self.context)

    @cached_property
    def queues(self) -> QueueService:
        """The home screen and the queues."""
        return QueueService(self.context)

    @cached_property
    def cases(self) -> CaseService:
        """Finding, opening and acting on cases."""
        return CaseService(self.context)

    @cached_property
    def population(self) -> "PopulationService":
        """Register hand-overs."""
        from kansli_tui.service.population import PopulationService  # noqa: PLC0415

        return PopulationService(self.context)

    @cached_property
    def history(self) -> "HistoryService":
        """Earlier rounds from a predecessor system."""
        from kansli_tui.service.history import HistoryService  # noqa: PLC0415 - a file that is taken in a few times

        return HistoryService(self.context)

    @cached_property
    def offers(self) -> OfferService:
        """Plans and releases."""
        return OfferService(self.context)

    @cached_property
    def requests(self) -> RequestService:
        """Adding people by request."""
        return RequestService(self.context)

    @cached_property
    def orders(self) -> OrderService:
        """PSA orders out."""
        return OrderService(self.context)

    @cached_property
    def answers(self) -> AnswerService:
        """Laboratory files in."""
        return AnswerService(self.context)

    @cached_property
    def held(self) -> HeldService:
        """Held answers."""
        return HeldService(self.context)

    @cached_property
    def decisions(self) -> DecisionService:
        """Confirming what the rules propose."""
        return DecisionService(self.context)

    @cached_property
    def units(self) -> UnitService:
        """The directory of units that take referrals."""
        return UnitService(self.context)

    @cached_property
    def referrals(self) -> ReferralService:
        """Referrals to MRI and urology."""
        return ReferralService(self.context)

    @cached_property
    def examinations(self) -> ExaminationService:
        """Assessing MRI and pathology answers."""
        return ExaminationService(self.context)

    @cached_property
    def corrections(self) -> CorrectionService:
        """Setting right what has gone out before an answer changed."""
        return CorrectionService(self.context)

    @cached_property
    def bookings(self) -> BookingService:
        """Slots and appointments."""
        return BookingService(self.context)

    @cached_property
    def letters(self) -> LetterService:
        """Batches of letters."""
        return LetterService(self.context)

    @cached_property
    def mail(self) -> MailService:
        """Letters that are printed anew, come back or are sent once more."""
        return MailService(self.context)

    @cached_property
    def mail_rows(self) -> MailRowService:
        """Letters one by one, to look at."""
        return MailRowService(self.context)

    @cached_property
    def papers(self) -> PaperService:
        """Papers beside the letters."""
        return PaperService(self.context)

    @cached_property
    def channels(self) -> ChannelService:
        """What print houses and 1177 tell of letters."""
        return ChannelService(self.context)

    @cached_property
    def letter_texts(self) -> LetterTextService:
        """Versions of the letter texts."""
        return LetterTextService(self.context)

    @cached_property
    def wishes(self) -> WishService:
        """What people have asked for."""
        return WishService(self.context)

    @cached_property
    def access(self) -> AccessExtractService:
        """What a person gets to see of what is held about them."""
        return AccessExtractService(self.context)

    @cached_property
    def balance(self) -> BalanceService:
        """Everyone accounted for."""
        return BalanceService(self.context)

    @cached_property
    def statistics(self) -> StatisticsService:
        """Counts of rounds by indicator."""
        return StatisticsService(self.context)

    @cached_property
    def targets(self) -> TargetService:
        """The office's own targets."""
        return TargetService(self.context)

    @cached_property
    def follow_up(self) -> FollowUpService:
        """The follow-up plan of each quarter."""
        return FollowUpService(self.context)

    @cached_property
    def availability(self) -> AvailabilityService:
        """Who waits, and how it was before."""
        return AvailabilityService(self.context)

    @cached_property
    def stats_people(self) -> StatsPeopleService:
        """The people behind the counts."""
        return StatsPeopleService(self.context)

    @cached_property
    def overview(self) -> OverviewService:
        """What waits, what has been done and the main numbers."""
        return OverviewService(self.context)

    @cached_property
    def stats_reports(self) -> "StatsReportService":
        """Reports and workbooks."""
        from kansli_tui.service.stats_reports import StatsReportService  # noqa: PLC0415 - made a few times a quarter

        return StatsReportService(self.context)

    @cached_property
    def quality_register(self) -> "QualityRegisterService":
        """Exports to the national quality register."""
        from kansli_tui.service.quality_register import (  # noqa: PLC0415 - made a few times a year
            QualityRegisterService,
        )

        return QualityRegisterService(self.context)

    @cached_property
    def daily(self) -> DailyService:
        """What the date makes due."""
        return DailyService(self.context)

    @cached_property
    def watch(self) -> WatchService:
        """The failsafe: checks, duties, absences and causes."""
        return WatchService(self.context)

    @cached_property
    def register_care(self) -> RegisterCareService:
        """What cannot be right in the register."""
        return RegisterCareService(self.context)

    @cached_property
    def hand_edits(self) -> HandEditService:
        """Names and addresses written by hand, against the register."""
        return HandEditService(self.context)

    @cached_property
    def merging(self) -> MergeService:
        """Two cases that are one person."""
        return MergeService(self.context)

    @cached_property
    def handovers(self) -> HandoverService:
        """Moves between the regions."""
        return HandoverService(self.context)

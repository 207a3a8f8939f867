"""What a simulation did, in numbers."""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class SimulationReport:
    """Counts of what happened; the same seed gives the same."""

    men: int = 0
    hand_overs: int = 0
    rounds: int = 0
    letters: int = 0
    orders: int = 0
    samples: int = 0
    answer_files: int = 0
    answers: int = 0
    held: int = 0
    mri_referrals: int = 0
    mri_answers: int = 0
    urology_referrals: int = 0
    biopsies: int = 0
    reminders: int = 0
    corrections: int = 0
    handovers: int = 0
    calls: int = 0
    findings: int = 0
    """What the watch finds at the end."""
    found_when_done: list[str] = field(default_factory=list)
    """What the watch found when everything had been done: nothing but what was left on purpose is to be found then."""
    replies: dict[str, int] = field(default_factory=dict)
    """What men called about, by case action: how many."""
    adds_up: bool = False
    """Whether the balance adds up at the end."""

    def lines(self) -> Iterator[str]:
        """The counts as lines for a terminal, in Swedish."""
        for words, count in (
            ("Män i registret", self.men),
            ("Erbjudanden", self.rounds),
            ("Brev postade", self.letters),
            ("Beställningar skickade", self.orders),
            ("Prov tagna", self.samples),
            ("Svar som räknats", self.answers),
            ("Svar som hållits", self.held),
            ("MR-remisser", self.mri_referrals),
            ("MR-svar bedömda", self.mri_answers),
            ("Remisser till urolog", self.urology_referrals),
            ("Biopsier med svar", self.biopsies),
            ("Påminnelser till enheter", self.reminders),
            ("Rättelser", self.corrections),
            ("Överlämnade mellan regionerna", self.handovers),
            ("Samtal", self.calls),
            ("Fynd i bevakningen på sista dagen", self.findings),
        ):
            yield f"{words}: {count}"
        yield "Balansen går ihop." if self.adds_up else "Balansen går INTE ihop."

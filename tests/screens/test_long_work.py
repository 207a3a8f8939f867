"""Long work says how far it has come and about how long it will take, and ends when it is told to."""

import pytest

from screens.long_work import LongWork, StoppedError, about


def test_what_is_left_counts_the_stages_that_come_after() -> None:
    said: list[str] = []
    at = [0.0]
    work = LongWork(said.append, (("Granskas", 1.0), ("Sätts", 2.0)), stopped="x", seconds=lambda: at[0])
    work(1, 100)
    at[0] = 10.0
    work(50, 100)
    assert said[-1] == "Granskas ████████░░░░░░░░ 50 av 100 · ungefär 50 s kvar · Esc avbryter", "10 s + 2 × 20 s"
    at[0] = 20.0
    work(100, 100)
    work(1, 80)
    at[0] = 40.0
    work(20, 80)
    assert said[-1] == "Sätts ████░░░░░░░░░░░░ 20 av 80 · ungefär 60 s kvar · Esc avbryter", (
        "the second stage by itself"
    )
    work(21, 80)
    assert len(said) == 3, "no more than a few words a second"
    assert all(len(words) < 78 for words in said)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "ungefär 1 s kvar"), (7.4, "ungefär 7 s kvar"), (23, "ungefär 25 s kvar"), (170, "ungefär 3 min kvar")],
)
def test_a_guess_is_not_said_more_exactly_than_it_is_known(seconds: float, words: str) -> None:
    assert about(seconds) == words


def test_told_to_stop_it_ends_at_the_next_step() -> None:
    work = LongWork(lambda _words: None, (("Sätts", 1.0),), stopped="Stopped. The batch is as it was; P finishes it.")
    work(1, 3)
    work.stop()
    with pytest.raises(StoppedError, match="P finishes it"):
        work(2, 3)

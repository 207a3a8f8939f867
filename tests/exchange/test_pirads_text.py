"""Scores in prose: only what the sentence gives as its own score, and never more than a suggestion."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kansli_tui.exchange.pirads_text import prose_scores


def scores(text: str) -> list[int]:
    return [found.score for found in prose_scores(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PI-RADS 4", [4]),
        ("PIRADS 4", [4]),
        ("PIRADS4", [4]),
        ("pi-rads 4", [4]),
        ("PI RADS 4", [4]),
        ("PI\u2011RADS 4", [4]),
        ("PI-RADS\u00a04", [4]),
        ("PI-RADS: 4", [4]),
        ("PI-RADS = 4", [4]),
        ("PI-RADS v2.1 4", [4]),
        ("PI-RADS v2.1: 4", [4]),
        ("PI-RADS (v2.1): 4", [4]),
        ("PI-RADS version 2.1 score 4", [4]),
        ("PI-RADS 2.1: 4", [4]),
        ("PI-RADS v2 4", [4]),
        ("PI-RADS score 4", [4]),
        ("Högsta PI-RADS-score är 4.", [4]),
        ("PI-RADS-4", [4]),
        ("PI-RADS – 4", [4]),
        ("PI-RADS 3, uppgraderad till 4 av DCE", [3, 4]),
        ("Uppgraderas från PI-RADS 3 till PI-RADS 4", [3, 4]),
        ("PI-RADS 4 av 5", [4]),
        ("PI-RADS-score: 4", [4]),
        ("PI-RADS kategori 4", [4]),
        ("PI-RADS IV", [4]),
        ("PI-RADS II.", [2]),
        ("PI-RADS V", [5]),
        ("PI-RADS 4-lesion i höger perifera zon", [4]),
        ("PI-RADS 4 lesion, 9 mm", [4]),
        ("PI-RADS 4, 9 mm", [4]),
        ("PI-RADS 4.", [4]),
        ("(PI-RADS 4)", [4]),
        ("PI-RADS 3-4", [3, 4]),
        ("PI-RADS 3–4", [3, 4]),
        ("PI-RADS 3/4", [3, 4]),
        ("PI-RADS 3 till 4.", [3, 4]),
        ("PI-RADS 3 eller 4", [3, 4]),
        ("PI-RADS 3/5", [3]),
        ("PI-RADS 4 och 2 lymfkörtlar", [4]),
        ("Lesion 1 PI-RADS 4, lesion 2 PI-RADS 2", [4, 2]),
        ("MR prostata 2026-11-20: PI-RADS 4", [4]),
    ],
)
def test_scores_as_they_are_written(text: str, expected: list[int]) -> None:
    assert scores(text) == expected
    assert scores(f"Undersökningen är komplett. {text}") == expected


@pytest.mark.parametrize(
    "text",
    [
        "PI-RADS v2.1",
        "PI-RADS 2.1",
        "PI-RADS version 2",
        "Bedömd enligt PI-RADS v2.1.",
        "PI-RADS",
        "PI-RADS i höger lob",
        "PI-RADS 0",
        "PI-RADS 6",
        "PI-RADS 45",
        "PI-RADS 4.2",
        "PI-RADS 3+1",
        "PI-RADS ≥3",
        "PI-RADS >3",
        "PI-RADS 4 mm",
        "PI-RADS 1-5",
        "PI-RADS-skalan 1-5",
        "PI-RADS 2019; 76: 340",
        "PI-RADS (1–5)",
        "4 lesioner",
        "Grad 4",
        "RADS 4",
        "PI-RADS VI",
        "PI-RADS x",
        "PI-RADS ４",
    ],
)
def test_what_is_no_score(text: str) -> None:
    assert scores(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PI-RADS 4 (tidigare 3)", [4]),
        ("PI-RADS 4, tidigare 3", [4]),
        ("PI-RADS 4 (tidigare PI-RADS 3, 2024).", [4]),
        ("PI-RADS 4 tidigare PI-RADS 3", [4]),
        ("PI-RADS 4 (2024: PI-RADS 3)", [4]),
        ("PI-RADS 4 jämfört med PI-RADS 5 2022", [4]),
        ("tidigare PI-RADS 3, 2024", []),
        ("jämfört med PI-RADS 5 2022", []),
        ("Jfr. PI-RADS 5 föregående undersökning", []),
        ("jfr PI-RADS 5", []),
        ("Föregående MR: PI-RADS 3", []),
        ("MR 2022: PI-RADS 5", []),
        ("PI-RADS 5 (2022)", []),
        ("PI-RADS 5 vid MR 2022", []),
        ("PI-RADS 5 vid föregående undersökning", []),
        ("Tidigare PI-RADS 3, nu PI-RADS 4", [4]),
        ("Tidigare PI-RADS 3; PI-RADS 4", [4]),
        ("2024 PI-RADS 3, nu PI-RADS 4", [4]),
        ("Tidigare\nPI-RADS 5", []),
        ("Jämfört med tidigare undersökning fortsatt PI-RADS 3", [3]),
        ("Previously PI-RADS 3, now PI-RADS 4", [4]),
    ],
)
def test_earlier_scores_are_left_out(text: str, expected: list[int]) -> None:
    assert scores(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ingen PI-RADS 5-lesion", []),
        ("Ingen säker PI-RADS 4-5-lesion", []),
        ("Inga PI-RADS 3, 4 eller 5", []),
        ("Varken PI-RADS 4 eller PI-RADS 5", []),
        ("PI-RADS 5-lesion ses ej", []),
        ("PI-RADS 5 lesioner finns ej", []),
        ("PI-RADS 5 kan uteslutas", []),
        ("Ingen PI-RADS 5 men en PI-RADS 3-lesion", [3]),
        ("Ingen lymfkörtelförstoring, PI-RADS 4", [4]),
        ("PI-RADS 4 utan kapselgenomväxt", [4]),
        ("Inga\nPI-RADS 5-lesioner", []),
    ],
)
def test_denied_scores_are_left_out(text: str, expected: list[int]) -> None:
    assert scores(text) == expected


def test_each_score_has_its_whole_sentence() -> None:
    text = (
        "MR prostata, biparametrisk.\nLesion 1: höger perifera zonen, ca. 9 mm,\nmed tydlig restriktion, PI-RADS 4.\n"
        "Lesion 2: PI-RADS 2\nBedömning: PI-RADS 4 (tidigare PI-RADS 3, 2024)."
    )
    assert [(found.score, found.sentence) for found in prose_scores(text)] == [
        (4, "Lesion 1: höger perifera zonen, ca. 9 mm, med tydlig restriktion, PI-RADS 4."),
        (2, "Lesion 2: PI-RADS 2"),
        (4, "Bedömning: PI-RADS 4 (tidigare PI-RADS 3, 2024)."),
    ]


WORDS = st.sampled_from(
    [
        "PI-RADS",
        "PIRADS",
        "PI-RADS:",
        "4",
        "5",
        "3-4",
        "IV",
        "V",
        "v2.1",
        "2.1",
        "(",
        ")",
        ",",
        ".",
        "; ",
        "\n",
        "tidigare",
        "nu",
        "ingen",
        "2022",
        "lesion",
        "mm",
        "och",
        "1-5",
        "jfr.",
        " ",
    ]
)


@given(
    st.one_of(
        st.text(max_size=80), st.lists(WORDS, max_size=14).map(" ".join), st.lists(WORDS, max_size=14).map("".join)
    )
)
@example("PI-RADS 4 (")
def test_any_text_gives_scores_of_1_to_5_from_the_text_itself(text: str) -> None:
    plain = re.sub(r"\s+", " ", text)
    for found in prose_scores(text):
        assert 1 <= found.score <= 5
        assert found.sentence in plain
        assert re.search("rads", found.sentence, re.IGNORECASE)


def test_a_long_text_is_read_at_once() -> None:
    assert len(prose_scores("PI-RADS 4. " * 3_000)) == 3_000
    assert [found.score for found in prose_scores("PI-RADS 4 " * 3_000)] == [4]
    assert prose_scores("ca. " * 20_000) == ()
    assert prose_scores("PI-RADS " * 20_000) == ()

"""`stats sweopt` on the command line: checked, written, refused; and `stats` itself is what it was."""

from pathlib import Path

from tests.cli.conftest import Run


def test_a_region_is_checked_and_written_with_a_version(run: Run, tmp_path: Path) -> None:
    checked = run("stats", "sweopt", "--region", "05", "--check", "--json")
    assert (checked.code, checked.json["region"], checked.json["findings"]) == (0, "05", [])
    made = run("stats", "sweopt", "--region", "05", "--to", str(tmp_path), "--recipient", "registret", "--json")
    assert (made.code, made.json["version"], made.json["rows"]) == (0, 1, checked.json["rows"])
    assert {path.name for path in tmp_path.iterdir()} == {"sweopt-05-v0001.csv", "sweopt-05-v0001.json"}
    assert "version 2" in run("stats", "sweopt", "--region", "05", "--to", str(tmp_path), "--recipient", "x").out


def test_what_is_lacking_is_said(run: Run, tmp_path: Path) -> None:
    nowhere = run("stats", "sweopt", "--region", "05", "--recipient", "registret")
    assert (nowhere.code, "--to" in nowhere.err) == (2, True)
    nobody = run("stats", "sweopt", "--region", "05", "--to", str(tmp_path))
    assert (nobody.code, list(tmp_path.iterdir())) == (2, [])
    wrong = run("stats", "sweopt", "--region", "05", "--check", "--leave-out", "tolv")
    assert (wrong.code, "ÄRENDE/OMGÅNG" in wrong.err) == (2, True)


def test_stats_itself_still_answers_with_its_options(run: Run) -> None:
    said = run("stats", "--region", "05", "--json")
    assert (said.code, said.json["filter"]["regions"]) == (0, ["05"])

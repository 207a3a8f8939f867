"""An office run by commands alone: their exit codes, their one JSON document, and errors of one readable line without personal data."""

import json
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import make_url

from tests.cli.conftest import Ran, Run
from tests.factories import a_number, register_file, register_row

MEN = [a_number(serial, "19760203") for serial in (101, 103, 105, 107)]
HEAD = "order;pnr;code;value;unit;status;sampled_at;reported_at;comment\n"
PASSWORD = {"KANSLI_NEW_PASSWORD": "ett långt lösenord"}
REGIONS = ("--region", "05", "--region", "06", "--region", "08")


def refused(made: Ran, *words: str) -> None:
    """Code 2, nothing on standard output, one line on standard error."""
    assert made.code == 2, (made.out, made.err)
    assert made.out == ""
    assert len(made.err.strip().splitlines()) == 1, made.err
    for word in words:
        assert word in made.err, made.err
    assert "Traceback" not in made.err
    assert not any(number in made.err for number in MEN)


def done(made: Ran, code: int = 0) -> Ran:
    assert made.code == code, (made.out, made.err)
    return made


def add_staff(run: Run, name: str = "eva", role: str = "supervisor") -> None:
    done(run("staff", "add", name, "Eva", "--role", role, *REGIONS, env=PASSWORD))


def post(run: Run, folder: Path) -> int:
    count = 0
    for batch in run("letters", "render", "--to", folder / "brev", "--json").json["batches"]:
        done(run("letters", "confirm", batch["number"], "--posted", batch["to_post"]))
        count += batch["to_post"]
    return count


@pytest.fixture
def register(tmp_path: Path) -> Path:
    file = tmp_path / "befolkning.csv"
    file.write_bytes(register_file(*(register_row(pnr=number, lan="05", kommun="80") for number in MEN)))
    return file


@pytest.fixture
def registered(run: Run, register: Path) -> Run:
    done(run("import", "population", register, "--accept"))
    return run


@pytest.fixture
def offered(registered: Run, today: time_machine.Traveller, tmp_path: Path) -> Run:
    """Everybody's offer is posted and his order sent; by two people, as it must be."""
    run = registered
    add_staff(run)
    plan = run("offers", "plan", "--region", "05", "--born", "1976", "--per-week", "50", "--json").json
    done(run("offers", "approve", plan["plan_id"], "--user", "eva"))
    assert run("offers", "release", plan["plan_id"], "--json").json["people"] == 4
    assert post(run, tmp_path) == 4
    today.shift(timedelta(days=14))
    assert run("run-day", "--json").json["offers"] == 4
    assert post(run, tmp_path) == 4
    assert run("orders", "export", "--to", tmp_path / "ut", "--json").json["orders"] == 4
    today.shift(timedelta(days=10))
    return run


def answers(run: Run, folder: Path, *rows: str) -> Ran:
    """Take in a CSV of answers; `{order}` and `{pnr}` of a man by his place."""
    lines = []
    for place, row in enumerate(rows):
        case = run("case", MEN[place], "--json").json
        order = next(line["what"].split()[1] for line in case["timeline"] if "OPT-" in line["what"])
        lines.append(row.format(order=order, pnr=MEN[place]))
    file = folder / "svar.csv"
    file.write_text(HEAD + "\n".join(lines) + "\n")
    return run("import", "lab", file, "--json")


# The whole way


def test_from_the_register_to_posted_answers_with_codes_and_json_that_can_be_scripted(
    offered: Run, today: time_machine.Traveller, tmp_path: Path
) -> None:
    run = offered
    made = answers(
        run,
        tmp_path,
        "{order};{pnr};NPU08669;0,4;µg/L;F;2026-10-05;;",
        "{order};{pnr};NPU08669;3.4;µg/L;F;2026-10-05;;",
        "{order};{pnr};NPU08669;2.0;ng/L;F;2026-10-05;;",
    )
    assert made.code == 1, "something is held"
    (file,) = made.json["files"]
    assert (file["applied"], file["held"], file["no_effect"]) == (2, 1, 0)
    held = next(item for item in file["items"] if item["state"] == "held")
    assert set(held) == {"position", "state", "order", "reason", "fix"}
    assert held["fix"]

    case = done(run("case", MEN[1][:8] + "-" + MEN[1][8:], "--json")).json
    assert {
        "personnummer",
        "region",
        "step",
        "step_label",
        "since",
        "rule_set",
        "reason",
        "next",
        "blocked_by",
        "tasks",
        "timeline",
        "psa",
        "mri",
    } <= set(case)
    assert (case["personnummer"], case["region"], case["step"]) == (MEN[1], "05", "answer_to_assess")
    assert set(case["next"]) == {"what", "on", "by"}
    assert case["psa"] == {
        "value": "3.4",
        "comparator": None,
        "unit": "µg/L",
        "status": "F",
        "sampled_at": "2026-10-04T22:00:00+00:00",
    }
    assert all(set(line) == {"at", "what", "by", "detail"} for line in case["timeline"])
    assert case["tasks"][0]["queue"] == "raised"

    balance = done(run("balance", "--json")).json
    assert balance["adds_up"] is True
    (row,) = balance["rows"]
    assert (row["region"], row["born"], row["in_register"], row["difference"]) == ("05", 1976, 4, 0)
    assert sum(row["lines"].values()) == 4
    done(run("db", "check"))
    for command in (("case", MEN[1]), ("balance",), ("letters", "list"), ("staff", "list"), ("rules", "list")):
        told = done(run(*command))
        assert told.out.strip()
        assert "None" not in told.out
        assert "{" not in told.out


def test_the_same_answers_again_have_no_effect_and_nothing_needs_a_person(offered: Run, tmp_path: Path) -> None:
    row = "{order};{pnr};NPU08669;0,4;µg/L;F;2026-10-05;;"
    assert answers(offered, tmp_path, row).code == 0
    again = answers(offered, tmp_path, row)
    assert (again.code, again.json["files"][0]["no_effect"]) == (0, 1)


def test_orders_are_exported_once_and_the_receipt_is_typed_back(offered: Run, tmp_path: Path) -> None:
    again = offered("orders", "export", "--to", tmp_path / "igen", "--json").json
    assert (again["orders"], again["files"]) == (0, [])
    case = offered("case", MEN[0], "--json").json
    order = next(line["what"].split()[1] for line in case["timeline"] if "OPT-" in line["what"])
    done(offered("orders", "receipt", order, "R-1"))
    refused(offered("orders", "receipt", order, "R-2"), order)
    refused(offered("orders", "receipt", "OPT-1", "R-1"), "OPT-1")


# Refusals


@pytest.mark.parametrize(
    "number",
    [MEN[0][2:], MEN[0][:-1], MEN[0][:-1] + str((int(MEN[0][-1]) + 1) % 10), "", "abc", a_number(109, "19760203")],
)
def test_a_number_that_is_none_or_nobodys(registered: Run, number: str) -> None:
    made = registered("case", number)
    refused(made)
    assert not number or number not in made.err


@pytest.mark.parametrize(
    "command",
    [
        ("balance", "--region", "01"),
        ("offers", "plan", "--region", "05", "--born", "1976", "--per-week", "5", "--start", "i morgon"),
        ("offers", "plan", "--region", "05", "--born", "1876", "--per-week", "5"),
        ("offers", "plan", "--region", "05", "--born", "1976", "--per-week", "5", "--pause", "v 30"),
        ("offers", "approve", "77"),
        ("offers", "release", "77"),
        ("offers", "dry-run", "77"),
        ("letters", "confirm", "2026-00077", "--posted", "1"),
        ("letters", "cancel", "2026-00077", "--reason", "x"),
        ("letters", "reprint", "2026-00077"),
        ("import", "population", "finns-inte.csv"),
        ("import", "lab", "finns-inte.hl7"),
        ("staff", "grant", "okänd", "--region", "05"),
        ("staff", "revoke", "okänd"),
        ("staff", "revoke", "datoranvändare"),
        ("rules", "sign", "SÖSR", "1999:1"),
        ("rules", "load", "finns-inte.toml"),
        ("db", "restore", "finns-inte.bak"),
        ("case", MEN[0], "--user", "okänd"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(registered: Run, command: tuple[str, ...]) -> None:
    refused(registered(*command))


@pytest.mark.parametrize("address", ["inte en adress", "mysql://x/y", "sqlite:////proc/finns/inte.db"])
def test_a_database_that_cannot_be_opened(run: Run, address: str) -> None:
    refused(run("balance", "--database", address))
    refused(run("--database", address, "balance"))


def test_a_file_that_is_no_database(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("hej " * 500)
    refused(run("balance", "--database", f"sqlite:///{tmp_path / 'x.db'}"))


def test_before_there_is_a_database_it_is_said_how_to_make_one(run: Run, tmp_path: Path) -> None:
    refused(run("balance", "--database", f"sqlite:///{tmp_path / 'ny.db'}"), "db upgrade")


def test_an_unexpected_fault_names_its_kind_and_nothing_of_what_it_says(
    registered: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kansli_tui.service.balance import BalanceService  # noqa: PLC0415

    def broken(*_args: Any, **_more: Any) -> None:
        raise ZeroDivisionError(f"Åke Öberg {MEN[0]}")

    monkeypatch.setattr(BalanceService, "make", broken)
    made = registered("balance")
    refused(made, "ZeroDivisionError", "--debug")
    assert "Öberg" not in made.err
    assert registered("balance", "--debug").code == 1, "the trace is the caller's to see"


def test_an_imbalance_is_code_one(registered: Run, url: str) -> None:
    database = sqlite3.connect(make_url(url).database or "")
    database.execute("UPDATE person SET next_on = NULL WHERE number = ?", (MEN[0],))
    database.commit()
    database.close()
    made = registered("balance", "--json")
    assert made.code == 1
    assert made.json["adds_up"] is False
    assert [row["difference"] for row in made.json["rows"]] == [1]
    assert [lost["personnummer"] for lost in made.json["unaccounted"]] == [MEN[0]]
    done(registered("db", "check"), 1)


# Registers and files


def test_a_register_file_changes_nothing_until_it_is_accepted(run: Run, register: Path) -> None:
    made = done(run("import", "population", register, "--dry-run", "--json"))
    assert made.json["state"] == "review"
    assert made.json["counts"]["new"] == 4
    refused(run("case", MEN[0]))
    done(run("import", "population", register, "--accept", "--json"))
    done(run("case", MEN[0]))
    refused(run("import", "population", register, "--dry-run", "--accept"))


def test_a_register_line_with_a_fault_is_code_one_and_names_its_line(run: Run, register: Path) -> None:
    register.write_bytes(
        register_file(register_row(pnr=MEN[0], lan="05", kommun="80"), register_row(pnr="760203-1011"))
    )
    made = run("import", "population", register, "--accept", "--json")
    assert made.code == 1
    (problem,) = made.json["problems"]
    assert problem["line"] == 3
    assert problem["reason"]


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"fel;rubriker\n1;2\n"])
def test_a_file_that_is_no_register_is_refused_whole(run: Run, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes(content)
    refused(run("import", "population", file))


def test_one_unreadable_answer_file_costs_no_other(offered: Run, tmp_path: Path) -> None:
    (tmp_path / "tom.hl7").write_bytes(b"")
    (tmp_path / "skräp.hl7").write_bytes(b"hej")
    made = offered("import", "lab", tmp_path / "tom.hl7", tmp_path / "skräp.hl7", tmp_path / "saknas.hl7", "--json")
    assert made.code == 2
    assert ["error" in file for file in made.json["files"]] == [True, False, True]
    assert len(made.err.strip().splitlines()) == 2


def test_the_watched_folder_sorts_what_it_has_read(offered: Run, tmp_path: Path) -> None:
    folder = tmp_path / "bevakad"
    (folder / "inbox").mkdir(parents=True)
    (folder / "inbox" / "skräp.hl7").write_bytes(b"hej")
    done(offered("import", "inbox", folder, "--once"), 1)
    assert [file.name for file in (folder / "held").iterdir()] == ["skräp.hl7"]
    assert list((folder / "inbox").glob("*.hl7")) == []


# Letters


def test_letters_that_cannot_be_printed_are_code_one(run: Run, register: Path, tmp_path: Path) -> None:
    rows = [
        register_row(pnr=MEN[0], lan="05", kommun="80"),
        register_row(pnr=MEN[1], lan="05", kommun="80", adr2="", postnr=""),
    ]
    register.write_bytes(register_file(*rows))
    run("import", "population", register, "--accept")
    add_staff(run)
    plan = run("offers", "plan", "--region", "05", "--born", "1976", "--per-week", "5", "--json").json
    done(run("offers", "approve", plan["plan_id"], "--user", "eva"))
    done(run("offers", "release", plan["plan_id"]))
    made = run("letters", "render", "--to", tmp_path, "--json")
    assert (made.code, made.json["left"], len(made.json["batches"])) == (1, 1, 1)
    assert run("letters", "render", "--to", tmp_path).code == 1, "it still waits for a person"
    assert {file.suffix for file in tmp_path.glob("brev-*")} == {".pdf", ".csv", ".json"}


def test_a_batch_is_counted_written_again_and_cancelled(registered: Run, tmp_path: Path) -> None:
    run = registered
    add_staff(run)
    plan = run("offers", "plan", "--region", "05", "--born", "1976", "--per-week", "5", "--json").json
    done(run("offers", "approve", plan["plan_id"], "--user", "eva"))
    done(run("offers", "release", plan["plan_id"]))
    (batch,) = run("letters", "render", "--to", tmp_path / "1", "--json").json["batches"]
    refused(run("letters", "confirm", batch["number"], "--posted", 3), "3", "4")
    done(run("letters", "write", batch["number"], "--to", tmp_path / "2", "--json"))
    first, again = (sorted((tmp_path / name).iterdir()) for name in ("1", "2"))
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in again]
    done(run("letters", "cancel", batch["number"], "--reason", "pappersstopp"))
    refused(run("letters", "write", batch["number"], "--to", tmp_path / "3"))
    refused(run("letters", "reprint", batch["number"], "--to", tmp_path / "3"))
    assert post(run, tmp_path) == 4
    done(run("letters", "render", "--to", tmp_path))


def test_a_plan_is_approved_by_somebody_else(registered: Run) -> None:
    add_staff(registered)
    plan = registered("offers", "plan", "--region", "05", "--born", "1976", "--per-week", "5", "--json").json
    refused(registered("offers", "approve", plan["plan_id"]))
    dry = done(registered("offers", "dry-run", plan["plan_id"], "--json")).json
    assert len(dry["due"]) == dry["in_birth_years"] == 4
    assert registered("offers", "dry-run", plan["plan_id"]).code == 0


# Who acts


def test_whoever_makes_the_database_is_its_first_supervisor(run: Run) -> None:
    (row,) = run("staff", "list", "--json").json
    assert (row["username"], row["role"], row["regions"]) == ("datoranvändare", "supervisor", ["05", "06", "08"])


def test_a_caseworker_may_not_handle_staff(run: Run) -> None:
    add_staff(run, "kim", "caseworker")
    refused(run("staff", "add", "x", "X", "--user", "kim", env=PASSWORD))
    refused(run("db", "backup", "x.bak", "--user", "kim"))
    refused(run("staff", "add", "x", "X", "--role", "system", env=PASSWORD))


def test_a_password_that_nobody_can_type_is_asked_for_in_words(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(_prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr("kansli_tui.cli.common.getpass.getpass", nobody)
    refused(run("staff", "add", "x", "X"), "lösenord")


def test_what_a_command_does_is_done_by_somebody(registered: Run, url: str) -> None:
    add_staff(registered)
    done(registered("case", MEN[0]))
    done(registered("case", MEN[0], env={"KANSLI_USER": "eva"}))
    database = sqlite3.connect(make_url(url).database or "")
    rows = database.execute("SELECT actor FROM audit WHERE action = 'case.open' ORDER BY id").fetchall()
    database.close()
    assert rows == [("datoranvändare",), ("eva",)]


# Copies


def test_a_copy_is_made_and_put_back(registered: Run, tmp_path: Path) -> None:
    done(registered("db", "backup", tmp_path / "kansli.bak"))
    refused(registered("db", "backup", tmp_path / "kansli.bak"))
    (tmp_path / "x.bak").write_bytes(b"hej")
    refused(registered("db", "restore", tmp_path / "x.bak"))
    done(registered("db", "restore", tmp_path / "kansli.bak"))
    done(registered("case", MEN[0]))


# Settings


@pytest.mark.parametrize(
    ("text", "word"),
    [("lowest_match = 7", "lowest_match"), ("[", "Inställning"), ("lease_minutes = 'x'", "lease_minutes")],
)
def test_a_settings_file_with_a_fault_is_named(run: Run, tmp_path: Path, text: str, word: str) -> None:
    (tmp_path / "kansli.toml").write_text(text)
    refused(run("balance", env={"KANSLI_SETTINGS": str(tmp_path / "kansli.toml")}), word)
    refused(run("balance", env={"KANSLI_SETTINGS": str(tmp_path / "saknas.toml")}))


def test_rules_are_loaded_by_one_and_signed_by_another(run: Run, tmp_path: Path) -> None:
    from kansli_tui.service.rule_book import delivered_rule_set  # noqa: PLC0415

    add_staff(run)
    text = delivered_rule_set()
    file = tmp_path / "regler.toml"
    file.write_text(text.replace('"2026:2"', '"2026:3"'))
    done(run("rules", "load", file))
    refused(run("rules", "sign", "SÖSR", "2026:3"))
    done(run("rules", "sign", "SÖSR", "2026:3", "--user", "eva"))
    assert [row["version"] for row in json.loads(run("rules", "list", "--json").out)] == ["2026:3", "2026:2"]
    file.write_bytes(b"\xff\xfe")
    refused(run("rules", "load", file))

"""`case NUMBER --extract DIR --why TEXT`: the extract as files, never without a reason."""

import json
from pathlib import Path

from tests.cli.conftest import Run
from tests.factories import a_number, register_file, register_row

NUMBER = a_number(101, "19760203")


def test_the_extract_is_written_to_a_folder_with_a_reason(run: Run, tmp_path: Path) -> None:
    register = tmp_path / "register.csv"
    register.write_bytes(register_file(register_row(pnr=NUMBER, lan="05", kommun="80")))
    assert run("import", "population", register, "--accept").code == 0
    folder = tmp_path / "ut"
    refused = run("case", NUMBER, "--extract", folder)
    assert (refused.code, refused.out, refused.err.strip()) == (2, "", "Ange varför.")
    assert not folder.exists()
    made = run("case", NUMBER, "--extract", folder, "--why", "begäran per brev", "--json")
    assert made.code == 0, made.err
    files = [Path(file) for file in made.json["files"]]
    assert sorted(files) == sorted(folder.iterdir())
    data = json.loads(next(file for file in files if file.suffix == ".json").read_text())
    assert data["personnummer"] == NUMBER
    assert data["why"] == "begäran per brev"
    assert [entry["what"] for entry in data["sections"]["register"]] == ["new"]
    assert data["sections"]["register"][0]["data"]["number"] == NUMBER

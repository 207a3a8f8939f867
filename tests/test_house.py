"""The house itself: contracts hold, everything that is needed is installed, nothing big happens at import."""

import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ROOMS = ("kansli_tui", "screens", "db", "migrations", "reports")


def test_the_import_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_package_is_listed_for_installation() -> None:
    found = {
        ".".join(file.parent.relative_to(ROOT).parts) for room in ROOMS for file in (ROOT / room).rglob("__init__.py")
    }
    assert found == set(PROJECT["tool"]["setuptools"]["packages"])


def test_every_file_that_is_no_code_is_installed_too() -> None:
    data = PROJECT["tool"]["setuptools"]["package-data"]
    packages = {ROOT / name.replace(".", "/"): patterns for name, patterns in data.items()}
    for room in ROOMS:
        for file in (ROOT / room).rglob("*"):
            if file.is_dir() or file.suffix in (".py", ".pyc"):
                continue
            covered = any(
                file.is_relative_to(folder) and fnmatch(str(file.relative_to(folder)), pattern.replace("**/", "*"))
                for folder, patterns in packages.items()
                for pattern in patterns
            )
            assert covered, f"{file.relative_to(ROOT)} would be missing after an installation"


def test_no_file_names_a_registry() -> None:
    for name in ("pyproject.toml", "constraints.txt", "Makefile", ".ci/run"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "index-url" not in text
        assert "://" not in text.replace("sqlite://", "")


def test_nothing_heavy_is_loaded_for_a_command() -> None:
    code = "import sys, kansli_tui.__main__; print(*(m for m in ('textual', 'reportlab', 'argon2', 'hypothesis') if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []

"""The command table: every command is there, its summary is true, and help does not pay for what commands need."""

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from vedette.cli.main import COMMANDS, vedette

HEAVY = {"duckdb", "httpx", "pyarrow", "rich", "sqlalchemy", "starlette", "uvicorn", "vedette.server"}


@pytest.mark.parametrize("name", COMMANDS)
def test_summary_is_the_first_sentence_of_the_commands_own_help(name: str) -> None:
    entry = COMMANDS[name]
    command = entry.load()
    assert command.name == name
    assert (command.help or "").splitlines()[0] == entry.summary


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_an_example(name: str) -> None:
    shown = CliRunner().invoke(vedette, [name, "--help"])
    assert shown.exit_code == 0
    assert f"vedette {name}" in shown.output.partition("Example")[2]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_explained(name: str) -> None:
    options = [parameter for parameter in COMMANDS[name].load().params if isinstance(parameter, click.Option)]
    assert all(option.help for option in options)


def test_help_lists_every_command_and_imports_none() -> None:
    program = (
        "import sys; from vedette.cli.main import main; sys.argv = ['vedette', '--help']\n"
        "try: main()\n"
        "except SystemExit: print('imported:', *sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    help_text, _, imported = done.stdout.partition("imported:")
    assert all(f"\n  {name} " in help_text for name in COMMANDS)
    assert HEAVY.isdisjoint(imported.split())


def test_unknown_command_is_named_with_exit_code_2() -> None:
    shown = CliRunner().invoke(vedette, ["serve"])
    assert shown.exit_code == 2
    assert "No such command 'serve'" in shown.output

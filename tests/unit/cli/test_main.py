"""The command table: every command is there, its summary is true, and help does not pay for what commands need."""

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from vedette.cli.commands.content import COMMANDS as OF_CONTENT
from vedette.cli.main import COMMANDS, vedette
from vedette.core.errors import InvalidInput

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


@pytest.mark.parametrize("name", OF_CONTENT)
def test_help_of_content(name: str) -> None:
    command = OF_CONTENT[name].load()
    assert command.name == name
    shown = CliRunner().invoke(vedette, ["content", name, "--help"])
    assert shown.exit_code == 0
    assert f"vedette content {name}" in shown.output.partition("Example")[2]
    assert all(option.help for option in command.params if isinstance(option, click.Option))


def test_parameters_are_of_commands_that_read_files_or_write_them() -> None:
    options = {name: {each.name for each in entry.load().params} for name, entry in OF_CONTENT.items()}
    having = {name for name, names in options.items() if "parameters" in names}
    assert having == {"export", "plan", "apply", "import", "drift", "sync"}


def test_kinds_that_are_left_out_are_named_and_all_of_them_cannot_be() -> None:
    assert "Playbook" in CliRunner().invoke(vedette, ["backup", "--help"]).output
    done = CliRunner().invoke(vedette, ["backup", "x.tar", "--workspace", "soc", "--without", "ALL"])
    assert isinstance(done.exception, InvalidInput)
    assert done.exception.code == "NothingLeft"


@pytest.mark.parametrize("name", ["lint", "content plan", "content schema"])
def test_help_loads_neither_arrow_nor_a_database(name: str) -> None:
    program = (
        "import sys; from vedette.cli.main import main; sys.argv = ['vedette', *sys.argv[1:], '--help']\n"
        "try: main()\n"
        "except SystemExit: print('imported:', *sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program, *name.split()], capture_output=True, text=True, check=True)
    assert {"duckdb", "pyarrow", "sqlalchemy"}.isdisjoint(done.stdout.partition("imported:")[2].split())


def test_unknown_command_is_named_with_exit_code_2() -> None:
    shown = CliRunner().invoke(vedette, ["serve"])
    assert shown.exit_code == 2
    assert "No such command 'serve'" in shown.output

"""The `vedette` command: the table of its commands."""

import atexit
import gc
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import NoReturn

import click

from vedette import __version__
from vedette.cli.lazy_group import Entry, LazyGroup
from vedette.core.errors import VedetteError
from vedette.core.printable import printable_lines


def _up() -> click.Command:
    gc.disable()  # all that the imports make stays; looking through it again and again is a tenth of the start
    from vedette.cli.commands.up import up

    gc.enable()
    return up


def _query() -> click.Command:
    from vedette.cli.commands.query import query

    return query


def _explain() -> click.Command:
    from vedette.cli.commands.explain import explain

    return explain


def _functions() -> click.Command:
    from vedette.cli.commands.functions import functions

    return functions


def _ingest() -> click.Command:
    from vedette.cli.commands.ingest import ingest

    return ingest


def _tail() -> click.Command:
    from vedette.cli.commands.tail import tail

    return tail


def _status() -> click.Command:
    from vedette.cli.commands.status import status

    return status


def _backtest() -> click.Command:
    from vedette.cli.commands.backtest import backtest

    return backtest


def _rules() -> click.Command:
    from vedette.cli.commands.rules import rules

    return rules


def _content() -> click.Command:
    from vedette.cli.commands.content import content

    return content


def _policy() -> click.Command:
    from vedette.cli.commands.policy import policy

    return policy


def _defender() -> click.Command:
    from vedette.cli.commands.defender import defender

    return defender


def _lint() -> click.Command:
    from vedette.cli.commands.lint import lint

    return lint


def _backup() -> click.Command:
    from vedette.cli.commands.backup import backup

    return backup


def _restore() -> click.Command:
    from vedette.cli.commands.restore import restore

    return restore


def _audit() -> click.Command:
    from vedette.cli.commands.audit import audit

    return audit


def _env() -> click.Command:
    from vedette.cli.commands.env import env

    return env


def _exec() -> click.Command:
    from vedette.cli.commands.exec_ import exec_

    return exec_


def _identity() -> click.Command:
    from vedette.cli.commands.identity import identity

    return identity


def _incidents() -> click.Command:
    from vedette.cli.commands.incidents import incidents

    return incidents


def _test() -> click.Command:
    from vedette.cli.commands.test import test

    return test


def _hunt() -> click.Command:
    from vedette.cli.commands.hunt import hunt

    return hunt


def _indicators() -> click.Command:
    from vedette.cli.commands.indicators import indicators

    return indicators


COMMANDS: Mapping[str, Entry] = {
    "up": Entry("Start the server.", _up),
    "query": Entry("Run a KQL query against the server, or over files with no server.", _query),
    "explain": Entry("Show how a KQL query would run: its plan and its SQL.", _explain),
    "functions": Entry("Show the reference of KQL's functions and operators.", _functions),
    "ingest": Entry("Send events from files into a table.", _ingest),
    "tail": Entry("Follow files into a table as they grow.", _tail),
    "incidents": Entry("Export incidents with what hangs on them.", _incidents),
    "indicators": Entry("Bring in threat intelligence from files.", _indicators),
    "hunt": Entry("Hunt: run hunting queries, promote what they find, follow a query live.", _hunt),
    "status": Entry("Say how the running server is.", _status),
    "rules": Entry("Say why an analytics rule fired or did not, and when it runs next.", _rules),
    "test": Entry("Test detections against events, with no server.", _test),
    "backtest": Entry("Say which alerts and incidents a rule would have made in the past.", _backtest),
    "content": Entry("Keep rules, queries, watchlists and the like as files, here and in Azure.", _content),
    "policy": Entry("Look at policies, and at what resources make of them.", _policy),
    "defender": Entry("Bring in what Defender for Cloud found: alerts, assessments, scores.", _defender),
    "lint": Entry("Say what is wrong with content in files, and what costs more than it should.", _lint),
    "identity": Entry("Manage who may sign in: users, groups, applications, sessions.", _identity),
    "backup": Entry("Write a backup of the running server, or of one workspace's configuration, to TARGET.", _backup),
    "restore": Entry("Make a data directory from the backup SOURCE, or a workspace what its backup says.", _restore),
    "audit": Entry("Read the audit, and check that nobody has tampered with it.", _audit),
    "env": Entry("Print the environment that points SDKs and scripts at the server.", _env),
    "exec": Entry("Run an unmodified Azure program against the server.", _exec),
}


@click.group(cls=LazyGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="vedette")
def vedette() -> None:
    """A self-hosted SIEM that speaks the public APIs of Microsoft Sentinel.

    \b
    Begin with:
      vedette up --demo
      vedette query 'SecurityIncident | project Title, Severity, Status'

    'vedette COMMAND --help' explains a command and shows an example. Exit codes: 0 done, 1 refused or failed (the
    reason is on standard error), 2 the command line itself is wrong.
    """


def main() -> None:
    """The entry point of the `vedette` program."""
    try:
        vedette()
    except VedetteError as error:
        click.echo(f"vedette: {printable_lines(error.message)}", err=True)
        _leave(1)
    except SystemExit as end:
        _leave(end.code)


def _leave(code: object) -> NoReturn:
    """End the process. Where DuckDB is loaded, without taking the interpreter apart: its binding would fill the
    terminal with the objects that are still there."""
    if "_duckdb" not in sys.modules or not (code is None or isinstance(code, int)):
        sys.exit(code)  # pyright: ignore[reportArgumentType]  # a text is printed, and is the code 1
    atexit._run_exitfuncs()  # pyright: ignore[reportPrivateUsage]  # what was to be done at the end is done
    with suppress(BrokenPipeError):  # whoever read it has gone
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code or 0)


if __name__ == "__main__":
    main()

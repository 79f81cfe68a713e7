"""`vedette test`: detection tests, run by pytest in this process; no server."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from vedette.cli.ready import server_option

_PLUGIN = "vedette.rule_tests.pytest_plugin"
_EPILOG = """\b
Example:
  vedette test rules/                        every *.test.yaml below the folder
  vedette test rules/spray.test.yaml -k late
  vedette test --record rules/spray.yaml --at '2h ago' --redact
  vedette test rules/ --coverage lines --coverage-min 90 --junitxml results.xml

A test file stands beside its rule: spray.yaml and spray.test.yaml. 'vedette test --schema' writes the JSON Schema of
test files, for editors. Options that are not listed here go to pytest, such as --ff, --durations=5, -p xdist -n 2.
Exit codes are pytest's: 0 all passed, 1 some failed, 2 interrupted, 4 wrong usage, 5 no tests found.
"""


@click.command(
    "test",
    epilog=_EPILOG,
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[PATH]... [PYTEST OPTION]...")
@click.option("-k", "expression", metavar="EXPR", help="Run only the tests whose names match, as pytest has it.")
@click.option("-x", "exit_first", is_flag=True, help="Stop at the first failure.")
@click.option("--maxfail", type=int, metavar="N", help="Stop after so many failures.")
@click.option("--lf", "last_failed", is_flag=True, help="Run only those that failed last.")
@click.option("-v", "--verbose", count=True, help="Name each test; -vv shows more.")
@click.option("-q", "--quiet", count=True, help="Say less.")
@click.option("--junitxml", metavar="FILE", help="Write the results as JUnit XML.")
@click.option("--coverage", multiple=True, type=click.Choice(["mitre", "lines"]), help="Show what the tests cover.")
@click.option("--coverage-min", type=float, metavar="PERCENT", help="Fail where fewer of the rules' lines decided.")
@click.option("--navigator", metavar="FILE", help="Write the techniques as a layer of the ATT&CK Navigator.")
@click.option("--allow-outside", is_flag=True, help="Let tests name files outside of the repository they are in.")
@click.option("--watch", is_flag=True, help="Run again what a change of a file concerns, until Ctrl-C.")
@click.option(
    "--record",
    "recorded_rule",
    metavar="RULE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Write a test of a rule file from the rows of a workspace, with what comes of them, beside the rule.",
)
@click.option("--at", default="now", show_default=True, metavar="TIME", help="With --record: the end of the window.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="With --record: the test file to write, which must not exist.",
)
@click.option("--name", default="", metavar="TEXT", help="With --record: what the test is called.")
@click.option(
    "--near-misses",
    type=click.IntRange(0, 100),
    default=3,
    show_default=True,
    metavar="N",
    help="With --record: rows of each table that fail one condition only, and are in the test too.",
)
@click.option(
    "--redact",
    is_flag=True,
    help="With --record: pseudonyms for people, hosts, resource groups, resources, addresses and ids.",
)
@click.option(
    "--endpoint",
    metavar="URL",
    help="With --record: 'azure', or the address of a management endpoint, in place of this server.",
)
@click.option("--tenant", default="", metavar="ID", help="With --endpoint: the tenant to sign in to.")
@click.option("--subscription", metavar="ID", help="With --record: the workspace's subscription.")
@click.option("--resource-group", metavar="NAME", help="With --record: the workspace's resource group.")
@click.option("--workspace", metavar="NAME", help="With --record: the workspace's name.")
@server_option("--data")
@click.option("--schema", is_flag=True, help="Write the JSON Schema of test files and end.")
def test(
    arguments: tuple[str, ...],
    expression: str | None,
    exit_first: bool,
    maxfail: int | None,
    last_failed: bool,
    verbose: int,
    quiet: int,
    junitxml: str | None,
    coverage: tuple[str, ...],
    coverage_min: float | None,
    navigator: str | None,
    allow_outside: bool,
    watch: bool,
    schema: bool,
    recorded_rule: Path | None,
    at: str,
    output: Path | None,
    name: str,
    near_misses: int,
    redact: bool,
    endpoint: str | None,
    tenant: str,
    subscription: str | None,
    resource_group: str | None,
    workspace: str | None,
    server_data: Path | None,
) -> None:
    """Test detections against events, with no server.

    Each case of the files *.test.yaml below the PATHs is run, by default below this folder. Rules run in this process
    as the server runs them: the same windows, thresholds, entities, details and incidents. A case that fails says what
    differs, how many rows passed each line of the rule's query, and which came nearest.
    """
    if schema:
        from vedette.rule_tests.schema import schema_text

        click.echo(schema_text(), nl=False)
        return
    if recorded_rule is not None:
        from vedette.cli.recording import Asked, recorded

        to = endpoint or (None if server_data is None else server_data)
        place = (subscription, resource_group, workspace, tenant)
        for line in recorded(Asked(recorded_rule, at, output, name, near_misses, redact, to, *place)):
            click.echo(line)
        return
    options = [
        *(["-k", expression] if expression else []),
        *(["-x"] if exit_first else []),
        *([f"--maxfail={maxfail}"] if maxfail is not None else []),
        *(["--lf"] if last_failed else []),
        *["-v"] * verbose,
        *["-q"] * quiet,
        *([f"--junitxml={junitxml}"] if junitxml else []),
        *[f"--vedette-coverage={each}" for each in coverage],
        *([f"--vedette-coverage-min={coverage_min}"] if coverage_min is not None else []),
        *([f"--vedette-navigator={navigator}"] if navigator else []),
        *(["--vedette-allow-outside"] if allow_outside else []),
    ]
    if watch:
        from vedette.rule_tests.watch import watched

        places = [each for each in arguments if Path(each).exists()]
        further = [each for each in arguments if each not in places]
        watched(lambda paths: run([*options, *further, *(paths or places)]), [Path(each) for each in places])
        return
    sys.stdout.flush()
    sys.exit(run([*options, *arguments]))


def run(options: Sequence[str]) -> int:
    """Run pytest over detection tests alone, with no settings and plugins but ours; its exit code."""
    import pytest

    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    root = _root()
    own = ["-p", _PLUGIN, "--vedette-only", "-c", os.devnull, f"--rootdir={root}", "--noconftest", "--no-header"]
    own.append("--continue-on-collection-errors")
    return int(pytest.main([*own, "-o", f"cache_dir={root / '.pytest_cache'}", *options]))


def _root() -> Path:
    """The folder that names are told from: the repository that this one is in, or this one."""
    from vedette.content.boundary import repository_of

    return repository_of(Path.cwd()) or Path.cwd()

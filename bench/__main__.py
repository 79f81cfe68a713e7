"""Asks every question and prints what was found: `python -m bench [--strict] [QUESTION…]`."""

import math
import sys
from collections.abc import Mapping

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from bench import (
    cold_start,
    detections,
    filter_and_summarize,
    help_text,
    idle_memory,
    ingest,
    ingest_rivals,
    large_results,
    management,
    matching,
    near_real_time,
    parsing,
    policies,
    rule_tests,
    security_engines,
    security_queries,
    translation,
)
from bench.question import Finding, Question

QUESTIONS: Mapping[str, Question] = {
    "cold_start": cold_start.ask,
    "idle_memory": idle_memory.ask,
    "large_results": large_results.ask,
    "management": management.ask,
    "detections": detections.ask,
    "near_real_time": near_real_time.ask,
    "matching": matching.ask,
    "filter_and_summarize": filter_and_summarize.ask,
    "security_queries": security_queries.ask,
    "security_engines": security_engines.ask,
    "ingest": ingest.ask,
    "ingest_rivals": ingest_rivals.ask,
    "translation": translation.ask,
    "help_text": help_text.ask,
    "parsing": parsing.ask,
    "policies": policies.ask,
    "rule_tests": rule_tests.ask,
}


@click.command()
@click.option("--strict", is_flag=True, help="Exit with 1 when a target is missed.")
@click.argument("names", metavar="[QUESTION]...", nargs=-1, type=click.Choice(list(QUESTIONS)))
def bench(strict: bool, names: tuple[str, ...]) -> None:
    """Measure Vedette against the figures that it promises.

    \b
    Example:
      make bench ARGS=cold_start
    """
    findings: list[Finding] = []
    for name in names or QUESTIONS:
        click.echo(f"measuring {name} …", err=True)
        findings += QUESTIONS[name]()
    Console(width=None if sys.stdout.isatty() else 200, highlight=False).print(_table(findings))
    if strict and not all(finding.holds for finding in findings):
        sys.exit(1)


def _table(findings: list[Finding]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("Question")
    table.add_column("Measured", justify="right")
    table.add_column("Target", justify="right")
    table.add_column("")
    table.add_column("How")
    for finding in findings:
        table.add_row(
            finding.question,
            f"{finding.measured:.3g} {finding.unit}",
            f"≤ {finding.target:g} {finding.unit}" if math.isfinite(finding.target) else "",
            _verdict(finding),
            finding.note,
        )
    return table


def _verdict(finding: Finding) -> str:
    if not math.isfinite(finding.target):
        return ""
    return "[green]reached[/green]" if finding.holds else "[red]missed[/red]"


if __name__ == "__main__":
    bench()

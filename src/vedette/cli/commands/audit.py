"""`vedette audit`: who changed what, and whether anybody has tampered with the record of it."""

import sys
from pathlib import Path
from typing import Any

import click
import orjson

from vedette.cli.client import connected
from vedette.cli.ready import find_server, server_option

_BROKEN = 4


@click.group()
def audit() -> None:
    """Read the audit, and check that nobody has tampered with it.

    Every change is recorded with who made it, what it was before and what after, secrets left out. Each record is
    sealed with the one before it, by a key that is in the data directory and not in the database.

    \b
    Example:
      vedette audit list --top 50
      vedette audit verify
    """


@audit.command()
@click.option(
    "--data",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Check the chain in this data directory itself, with no server. Without it: the running server is asked.",
)
@click.option(
    "--state", metavar="URL", default="", envvar="VEDETTE_STATE", help="With --data: where its documents are."
)
@click.option(
    "--head",
    metavar="HEAD",
    help="A head that was told earlier, as NUMBER:SEAL: the record must still be there. This notices an end that was "
    "cut off, whoever holds the data directory.",
)
@server_option()
def verify(data: Path | None, state: str, head: str | None, server_data: Path | None) -> None:
    """Check the whole chain of records.

    Says the first record that is wrong and what is wrong with it. The head that is printed names the last record: keep
    it elsewhere, and give it back with --head.

    \b
    Examples:
      vedette audit verify
      vedette audit verify --data /var/lib/vedette --head 1234:9f86d081…

    Exit codes: 0 the chain is whole, 4 it is broken, 1 it could not be checked.
    """
    if data is not None:
        from vedette.server.audit_check import verify_offline

        found = verify_offline(data, state, head)
        told = {"records": found.records, "head": found.head, "broken": found.broken, "problem": found.problem}
    else:
        with connected(find_server(server_data)) as client:
            told = client.get("/vedette/audit/verification", params={} if head is None else {"head": head})
    if told["broken"] is not None:
        click.echo(f"The audit is broken at record {told['broken']}. {told['problem']}", err=True)
        click.echo(f"{told['records']:,} records before it are whole.", err=True)
        sys.exit(_BROKEN)
    click.echo(f"The audit is whole: {told['records']:,} records.\nhead {told['head']}")


@audit.command("list")
@click.option("--top", metavar="N", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many.")
@click.option("--before", metavar="N", type=click.IntRange(1), help="Only records before this number.")
@click.option("--json", "as_json", is_flag=True, help="Print the records as JSON.")
@server_option("--data")
def list_(top: int, before: int | None, as_json: bool, server_data: Path | None) -> None:
    """Show the last records.

    \b
    Example:
      vedette audit list --top 100 --json | jq '.[] | select(.outcome.status == "Failed")'
    """
    parameters = {"top": str(top)} | ({} if before is None else {"before": str(before)})
    with connected(find_server(server_data)) as client:
        records = client.get("/vedette/audit", params=parameters)["value"]
    if as_json:
        click.echo(orjson.dumps(records, option=orjson.OPT_INDENT_2).decode())
        return
    for record in records:
        click.echo(_lines(record))


@audit.command()
@click.argument("number", type=click.IntRange(1))
@server_option("--data")
def show(number: int, server_data: Path | None) -> None:
    """Show one record whole, as JSON.

    \b
    Example:
      vedette audit show 1234
    """
    with connected(find_server(server_data)) as client:
        told = client.get(f"/vedette/audit/records/{number}")
    click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())


def _lines(record: dict[str, Any]) -> str:
    """A record on two lines, the second of which says what it is about."""
    what, changes = record["what"], record.get("changes") or []
    first = changes[0] if changes else {}
    which = what.get("resourceId") or first.get("id") or first.get("below", "")
    did = what.get("operation") or (f"{len(changes)} changes" if len(changes) > 1 else first.get("type", ""))
    who = record["who"].get("userName") or record["who"]["name"]
    outcome = record.get("outcome", {}).get("status", "")
    return f"{record['sequence']:>8}  {record['at'][:19].replace('T', ' ')}  {outcome:9}  {who}  {did}\n{'':10}{which}"

"""`vedette defender`: data of Defender for Cloud, brought in from files."""

from collections import Counter
from pathlib import Path

import click
import orjson

from vedette.cli.client import Client, connected
from vedette.cli.ready import find_server, server_option
from vedette.content.refused import Refused
from vedette.core.errors import InvalidInput
from vedette.formats.defender_data import Fed, in_order, read_defender_data

_LARGEST = 256 * 1024 * 1024
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_GROUPS = "api-version=2021-04-01"


@click.group()
def defender() -> None:
    """Bring in what Defender for Cloud found: alerts, assessments, scores.

    \b
    Example:
      az security alert list -o json > alerts.json
      vedette defender feed alerts.json
    """


@defender.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_FILE)
@click.option("--create-groups", is_flag=True, help="Make resource groups that the server has not.")
@click.option("--json", "as_json", is_flag=True, help="Print what was fed as one JSON object.")
@server_option()
def feed(files: tuple[Path, ...], create_groups: bool, as_json: bool, server_data: Path | None) -> None:
    """Put what FILEs hold, in the server's subscription whatever theirs was; continuous export does the rest.

    A FILE holds resources of Microsoft.Security as the management API, az or a continuous export wrote them: a JSON
    array, an answer with 'value', or one a line. All files are read before anything is sent.

    \b
    Examples:
      vedette defender feed alerts.json assessments.json --create-groups
      vedette defender feed exported.jsonl
    """
    server = find_server(server_data)
    resources: list[Fed] = []
    for path in files:
        if path.stat().st_size > _LARGEST:
            raise InvalidInput("FileTooLarge", f"'{path}' has more than {_LARGEST // 2**20} MB.")
        try:
            resources += read_defender_data(path.read_bytes(), server.subscription_id)
        except InvalidInput as error:
            raise InvalidInput(error.code, f"{path}: {error.message}") from error
    counts: Counter[str] = Counter()
    with connected(server) as client:
        if create_groups:
            _make_groups(client, resources)
        for each in in_order(resources):
            try:
                client.send("PUT", each.address, {"properties": each.properties})
            except Refused as error:
                told = f"{counts.total():,} were fed before '{each.id}' was refused: {error.message}"
                raise Refused(error.status, error.code, told, error.body) from error
            counts[each.kind] += 1
    if as_json:
        click.echo(orjson.dumps({"fed": dict(counts), "files": len(files)}).decode())
        return
    for kind, count in sorted(counts.items()):
        click.echo(f"{count:,} {kind}")


def _make_groups(client: Client, resources: list[Fed]) -> None:
    for id in sorted({each.group for each in resources} - {""}):
        try:
            client.get(f"{id}?{_GROUPS}")
        except Refused as error:
            if error.status != 404:
                raise
            client.send("PUT", f"{id}?{_GROUPS}", {"location": "local"})

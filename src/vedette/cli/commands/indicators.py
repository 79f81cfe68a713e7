"""`vedette indicators`: threat intelligence from files."""

import sys
import uuid
from pathlib import Path

import click
import orjson

from vedette.cli.client import connected
from vedette.cli.ready import find_server, server_option
from vedette.core.errors import InvalidInput

_VERSION = "2024-01-01-preview"
_FORMATS = {".csv": "CSV", ".json": "JSON"}
_WITH_ERRORS = 4


@click.group()
def indicators() -> None:
    """Bring in threat intelligence from files.

    \b
    Example:
      vedette indicators import feed.csv --source "A feed"
    """


@indicators.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--source", metavar="NAME", required=True, help="Where the indicators are from; SourceSystem of rows.")
@click.option("--format", "format", type=click.Choice(["csv", "json"]), help="Without it the name's ending says.")
@click.option("--all-or-none", is_flag=True, help="Import nothing where anything in the file is wrong.")
@click.option("--json", "as_json", is_flag=True, help="Print the import as the management API shows it.")
@server_option("--data")
def import_(
    file: Path, source: str, format: str | None, all_or_none: bool, as_json: bool, server_data: Path | None
) -> None:
    """Import a file of up to 50 MB.

    CSV has Sentinel's columns: validFrom, observableType and observableValue, and threatTypes, tags, name, description,
    confidence, revoked, validUntil, tlpLevel, severity where they are known; of files md5, sha1, sha256 and fileName in
    place of the observable. JSON is an array of STIX objects, or a bundle.

    What is there already and has not changed stays as it is, so a file may be imported again.

    \b
    Examples:
      vedette indicators import feed.csv --source "A feed"
      vedette indicators import bundle.json --source MISP --all-or-none

    Exit codes: 0 all was imported, 4 something was wrong with the file, 1 it could not be imported.
    """
    kind = _FORMATS.get(f".{format}" if format else file.suffix.lower())
    if kind is None:
        raise InvalidInput("UnknownFormat", f"{file} ends in neither .csv nor .json: say --format csv or json.")
    content = file.read_bytes()
    body = {
        "properties": {
            "source": source,
            "contentType": "BasicIndicator" if kind == "CSV" else "StixIndicator",
            "ingestionMode": "IngestOnlyIfAllAreValid" if all_or_none else "IngestAnyValidRecords",
            "importFile": {"fileName": file.name, "fileSize": len(content), "fileFormat": kind},
        }
    }
    server = find_server(server_data)
    place = (
        f"/subscriptions/{server.subscription_id}/resourceGroups/{server.resource_group}/providers/"
        f"Microsoft.OperationalInsights/workspaces/{server.workspace_name}/providers/Microsoft.SecurityInsights/"
        f"fileImports/{uuid.uuid4()}?api-version={_VERSION}"
    )
    with connected(server) as client:
        begun = client.send("PUT", place, body)
        client.put_file(begun["properties"]["importFile"]["fileContentUri"], content)
        done = client.send("GET", place)
    properties = done["properties"]
    errors = properties.get("errorsPreview") or []
    if as_json:
        click.echo(orjson.dumps(done, option=orjson.OPT_INDENT_2).decode())
    else:
        click.echo(
            f"{properties.get('ingestedRecordCount') or 0:,} of {properties.get('totalRecordCount') or 0:,} imported."
        )
        for each in errors:
            for message in each["errorMessages"]:
                click.echo(f"record {each['recordIndex']}: {message}", err=True)
    if errors:
        sys.exit(_WITH_ERRORS)

"""Deployment scripts: what a template has run while it is deployed, and what came of it.

https://learn.microsoft.com/azure/azure-resource-manager/templates/deployment-script-template. Running what a template
brings is dangerous, and off unless the server was started with `--deployment-scripts`.
"""

import re
import shlex
import shutil
from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any, Final, cast

import orjson

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import put
from vedette.arm.management import Scripts
from vedette.arm.operations import Running, Work, error_body
from vedette.arm.resource import PATCHED_METHODS, READ_METHODS, Body, Resource, readable
from vedette.arm.resource_ids import ResourcePath
from vedette.arm.shapes import any_text, as_object, fields, list_of, one_of, text, wrong
from vedette.core.durations import parse_duration
from vedette.core.errors import Conflict, InvalidInput, NotFound, Unsupported, VedetteError
from vedette.core.instants import arm_time
from vedette.core.outside_hosts import shown as shown_address
from vedette.core.redaction import traces, without_texts
from vedette.sentinel.deployments.links import download
from vedette.sentinel.deployments.records import remove, write_properties
from vedette.sentinel.kept_secrets import without_secrets
from vedette.state.documents import Document
from vedette.state.store import StateStore, Transaction

DEPLOYMENT_SCRIPT: Final = "Microsoft.Resources/deploymentScripts"
KIND: Final = "deploymentScript"
SIDE_BY_SIDE: Final = 2
_LOG: Final = f"{DEPLOYMENT_SCRIPT}/logs"
_MASK: Final = "*******"
_CLI: Final = "azurecli"
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_FILE = re.compile(r"[\w.-]{1,100}", re.ASCII)
_LONGEST_CONTENT = 32_000
_LONGEST: Final = timedelta(days=1)
_RETENTION: Final = (timedelta(hours=1), timedelta(hours=26))
_SIGN_IN: Final = """set -e
az cloud register --name Vedette --endpoint-resource-manager "$VEDETTE_URL" --only-show-errors >/dev/null
az cloud set --name Vedette --only-show-errors
az config set core.instance_discovery=false core.collect_telemetry=false --only-show-errors
az login --identity --only-show-errors >/dev/null
set +e
exec bash content.sh "$@"
"""

_variable = fields({"name": text, "value": any_text, "secureValue": any_text}, required=("name",))
_properties = fields(
    {
        "arguments": any_text,
        "azCliVersion": text,
        "azPowerShellVersion": text,
        "cleanupPreference": one_of("Always", "OnSuccess", "OnExpiration"),
        "containerSettings": as_object,
        "environmentVariables": list_of(_variable, most=100),
        "forceUpdateTag": any_text,
        "primaryScriptUri": text,
        "retentionInterval": text,
        "scriptContent": text,
        "storageAccountSettings": as_object,
        "supportingScriptUris": list_of(text, most=20),
        "timeout": text,
    },
    required=("retentionInterval",),
    others=None,
)


def script_works(context: Context) -> dict[str, Work]:
    """The work that a script is."""

    def run(running: Running) -> None:
        _run(context, running)

    return {KIND: run}


def forget_scripts(context: Context, now: datetime) -> None:
    """Remove scripts whose time of retention is over, with their logs."""
    for document in context.state.list(DEPLOYMENT_SCRIPT):
        expires = document.body["properties"].get("status", {}).get("expirationTime")
        if expires and expires <= arm_time(now, "microseconds"):
            with context.state.transaction() as transaction:
                remove(transaction, document)


def _require(context: Context, _path: ResourcePath) -> None:
    _scripts(context)


def _scripts(context: Context) -> Scripts:
    scripts = context.management.scripts if context.management is not None else None
    if scripts is None:
        raise Unsupported(
            "OperationNotSupported",
            f"'{DEPLOYMENT_SCRIPT}' is not served: what a template brings is run only by a server that was started "
            "with --deployment-scripts.",
        )
    return scripts


def _validate(_context: Context, _call: Call, body: Body) -> Body:
    kind = str(body.get("kind", "")).lower()
    if kind == "azurepowershell":
        found = "is there, and is not used" if shutil.which("pwsh") else "is not there"
        raise Unsupported("OperationNotSupported", f"Scripts of kind AzurePowerShell take 'pwsh', which {found}.")
    if kind != _CLI:
        raise wrong("kind", "is AzureCLI or AzurePowerShell")
    if body.get("identity") and "system" in str(body["identity"].get("type", "")).lower():
        raise wrong("identity.type", "is UserAssigned or None")
    given = body["properties"]
    properties = _properties("properties", {name: given[name] for name in given if name.lower() not in _OWN})
    if ("scriptContent" in properties) == ("primaryScriptUri" in properties):
        raise wrong("properties", "has either 'scriptContent' or 'primaryScriptUri'")
    if len(properties.get("scriptContent", "")) > _LONGEST_CONTENT:
        raise wrong("properties.scriptContent", f"has at most {_LONGEST_CONTENT} characters")
    for each in properties.get("environmentVariables", []):
        if _NAME.fullmatch(each["name"]) is None or ("value" in each) == ("secureValue" in each):
            raise wrong("properties.environmentVariables", "have a name, and either 'value' or 'secureValue'")
    shortest, longest = _RETENTION
    if not shortest <= parse_duration(properties["retentionInterval"]) <= longest:
        raise wrong("properties.retentionInterval", "is from PT1H to PT26H")
    if not timedelta(0) < parse_duration(properties.get("timeout", "P1D")) <= _LONGEST:
        raise wrong("properties.timeout", "is longer than nothing and at most P1D")
    _arguments(properties)
    return body | {"kind": "AzureCLI", "properties": properties}


_OWN = frozenset({"provisioningstate", "status", "outputs"})


def _arguments(properties: Mapping[str, Any]) -> list[str]:
    try:
        return shlex.split(properties.get("arguments", ""))
    except ValueError as error:
        raise wrong("properties.arguments", f"cannot be taken apart: {error}") from error


def _fill(context: Context, _call: Call, _transaction: Transaction, body: Body, existing: Document | None) -> Body:
    """What is to run anew is Creating; the same again, with the same tag, is what it was."""
    before = existing.body["properties"] if existing is not None else {}
    if before.get("provisioningState") in _GOES_ON:
        raise Conflict("DeploymentScriptOperationFailed", "The script is still running. Wait for its end.")
    shown = _without_secure(body["properties"])
    shown = {"timeout": "P1D", "cleanupPreference": "Always"} | shown
    stayed = all(before.get(name) == value for name, value in shown.items())
    if stayed and before.get("provisioningState") == "Succeeded":
        return body | {"properties": before}
    status = {"containerInstanceId": "", "startTime": arm_time(context.clock.now(), "microseconds")}
    return body | {"properties": shown | {"provisioningState": "Creating", "status": status}}


_GOES_ON = frozenset({"Creating", "Running"})


def _without_secure(properties: Body) -> Body:
    variables = [
        {"name": each["name"], **({"value": each["value"]} if "value" in each else {"secureValue": None})}
        for each in properties.get("environmentVariables", [])
    ]
    kept, _ = without_secrets({name: value for name, value in properties.items() if name != "environmentVariables"})
    return kept | ({"environmentVariables": variables} if variables else {})


def _begin(context: Context, call: Call, transaction: Transaction, document: Document) -> None:
    if document.body["properties"]["provisioningState"] != "Creating":
        return
    sent = _validate(context, call, {"kind": "AzureCLI", "properties": dict(_sent(call))})["properties"]
    variables = sent.get("environmentVariables", [])
    secure = {each["name"]: each["secureValue"] for each in variables if "secureValue" in each}
    transaction.delete_below(document.id)
    name = context.operations.record(transaction, KIND, document.id, {}, unkept={"is there": True, **secure})
    transaction.put(
        id=_run_id(document.id),
        type="Vedette/deploymentScriptRuns",
        scope=document.id,
        name="run",
        body={"operation": name},
    )


def _run_id(script_id: str) -> str:
    """The id of the document that names the operation which runs a script; it is no address."""
    return f"{script_id}/vedette/run"


def _sent(call: Call) -> Body:
    body = cast("Body", call.body)
    return cast("Body", next(each for name, each in body.items() if name.lower() == "properties"))


def _put(context: Context, call: Call) -> Answer:
    answer = put(context, DEPLOYMENT_SCRIPTS, call)
    run = context.state.get(_run_id(call.path.id))
    if answer.body["properties"]["provisioningState"] == "Creating" and run is not None:
        context.operations.start(run.body["operation"])
    return answer


def _is_begun_by(state: StateStore | Transaction, running: Running) -> bool:
    """Whether a script is still there as the operation began it: not deleted since, with its group or alone, nor put
    anew."""
    run = state.get(_run_id(running.subject))
    return run is not None and run.body["operation"] == running.id


def _check(context: Context, running: Running) -> None:
    """Return if a script that runs is to go on. Raises NotFound, and what `running.check` raises."""
    running.check()
    if not _is_begun_by(context.state, running):
        raise NotFound("DeploymentScriptNotFound", f"The deployment script '{running.subject}' was deleted.")


def _run(context: Context, running: Running) -> None:
    document = context.state.get(running.subject)
    if document is None or not _is_begun_by(context.state, running):
        return
    try:
        if running.progress.get("begun") or not running.unkept:
            raise Conflict(
                "DeploymentScriptInterrupted",
                "The server was restarted while the script ran. A script is not run twice: deploy it again.",
            )
        running.report(begun=True)
        _tell(context, running, {"provisioningState": "Running"})
        outputs = _ran(context, running, document)
    except VedetteError as error:
        if running.is_stopping:
            raise
        _end(context, running, document, "Failed", {"error": error_body(error)}, {})
        raise
    except Exception:
        message = f"The server met an error of its own. Its log has the details under the operation '{running.id}'."
        _end(context, running, document, "Failed", {"error": {"code": "InternalServerError", "message": message}}, {})
        raise
    _end(context, running, document, "Succeeded", {}, {"outputs": outputs} if outputs is not None else {})


def _ran(context: Context, running: Running, document: Document) -> Any:
    """What a script wrote as its outputs. Raises VedetteError where it failed."""
    sandbox: Any = import_module("vedette.sentinel.script_sandbox")
    scripts, properties = _scripts(context), document.body["properties"]
    secure = dict(running.unkept)
    variables = {
        each["name"]: str(secure[each["name"]]) if "secureValue" in each else each["value"]
        for each in properties.get("environmentVariables", [])
    }
    beside = {_file_name(uri): download(context, uri) for uri in properties.get("supportingScriptUris", [])}
    content = properties.get("scriptContent") or download(context, properties["primaryScriptUri"]).decode()
    identity = _identity(document)
    with_az = shutil.which("az") is not None and identity is not None
    beside |= {"content.sh": content.encode(), "ca.pem": scripts.authority.read_bytes()}
    script = sandbox.Script(
        _SIGN_IN if with_az else 'exec bash content.sh "$@"',
        _arguments(properties),
        variables,
        beside,
        parse_duration(properties["timeout"]).total_seconds(),
    )
    token = None if identity is None else lambda resource: scripts.token(identity, resource)
    ended = sandbox.run_script(script, scripts.server, token, scripts.hidden, lambda: _check(context, running))
    log = ended.log if shutil.which("az") else f"There is no 'az' on this server: bash runs alone.\n{ended.log}"
    log = without_texts(log, traces(secure), _MASK)
    _keep_log(context, running, log)
    if ended.timed_out:
        raise Conflict(
            "DeploymentScriptExceededMaxAllowedTime",
            f"The deployment script exceeded the max allowed time of {properties['timeout']}.",
        )
    if ended.code:
        raise Conflict(
            "DeploymentScriptError",
            f"The provided script failed with exit code {ended.code}. Its log has: {log[-500:].strip()}",
        )
    return _outputs(ended.output)


def _outputs(written: str) -> Any:
    if not written.strip():
        return None
    try:
        outputs = orjson.loads(written)
    except orjson.JSONDecodeError as error:
        raise InvalidInput("DeploymentScriptOutputsInvalid", f"The script's outputs are no JSON: {error}.") from error
    return outputs if isinstance(outputs, dict) else {"value": outputs}


def _identity(document: Document) -> str | None:
    """The object id of the identity that is assigned to a script."""
    assigned = cast("Body", document.body.get("identity") or {}).get("userAssignedIdentities") or {}
    return next((str(each["principalId"]) for each in cast("Body", assigned).values()), None)


def _file_name(uri: str) -> str:
    name = uri.partition("?")[0].rpartition("/")[2]
    if _FILE.fullmatch(name) is None or not name.strip(".") or name in ("script.sh", "content.sh", "ca.pem"):
        raise InvalidInput("InvalidContentLink", f"'{shown_address(uri)[:200]}' does not end with the name of a file.")
    return name


def _keep_log(context: Context, running: Running, log: str) -> None:
    with context.state.transaction() as transaction:
        if not _is_begun_by(transaction, running):
            return
        transaction.put(
            id=f"{running.subject}/logs/default",
            type=_LOG,
            scope=running.subject,
            name="default",
            body={"properties": {"log": log}},
        )


def _tell(context: Context, running: Running, changes: Body) -> None:
    with context.state.transaction() as transaction:
        if _is_begun_by(transaction, running):
            write_properties(transaction, running.subject, changes)


def _end(context: Context, running: Running, document: Document, state: str, status: Body, more: Body) -> None:
    properties, now = document.body["properties"], context.clock.now()
    kept = {
        **properties.get("status", {}),
        "containerInstanceId": document.id,
        "endTime": arm_time(now, "microseconds"),
        "expirationTime": arm_time(now + parse_duration(properties["retentionInterval"]), "microseconds"),
        **status,
    }
    _tell(context, running, {"provisioningState": state, "status": kept, **more})


DEPLOYMENT_SCRIPTS: Final = Resource(
    DEPLOYMENT_SCRIPT,
    key="scriptName",
    methods=PATCHED_METHODS,
    tracked=True,
    visible=readable(DEPLOYMENT_SCRIPT),
    require=_require,
    validate=_validate,
    fill=_fill,
    after_put=_begin,
    handlers={"PUT": _put},
    refused={"PATCH": "a script is put as a whole"},
)
DEPLOYMENT_SCRIPT_LOGS: Final = Resource(
    _LOG, key="logName", parent=DEPLOYMENT_SCRIPT, methods=READ_METHODS, require=_require
)

"""Scripts of templates: run apart, told of, and not run where nobody has allowed it."""

import subprocess
import time
from collections.abc import Callable, Iterator

import pytest
from tests.unit.sentinel.deploying import Deploying, template
from tests.unit.sentinel.whole import whole_server

from vedette.core.errors import InvalidInput, Unsupported, VedetteError
from vedette.sentinel.script_sandbox import require_sandbox

SCRIPTS = "Microsoft.Resources/deploymentScripts"


def can_run() -> bool:
    try:
        require_sandbox()
    except (Unsupported, subprocess.SubprocessError):
        return False
    return True


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deploying]:
    if not can_run():
        pytest.skip("this system allows no namespaces")
    with whole_server(tmp_path_factory.mktemp("scripts"), deployment_scripts=True) as whole:
        authority = whole.services.settings.data / "tls"
        authority.mkdir()
        (authority / "ca.pem").write_text("none")
        yield Deploying(whole)


def script(content: str, **properties: object) -> dict[str, object]:
    wanted = {"azCliVersion": "2.52.0", "retentionInterval": "PT1H", "scriptContent": content, "timeout": "PT1M"}
    body = {"type": SCRIPTS, "apiVersion": "2023-08-01", "name": "script", "location": "eastus", "kind": "AzureCLI"}
    return body | {"properties": wanted | properties}


def test_a_template_uses_what_its_script_found(server: Deploying) -> None:
    content = 'echo "given $1, $PLAIN and $HIDDEN"; echo "{\\"answer\\": \\"$1-$PLAIN\\"}" > "$AZ_SCRIPTS_OUTPUT_PATH"'
    variables = [{"name": "PLAIN", "value": "seen"}, {"name": "HIDDEN", "secureValue": "not to be seen"}]
    done = server.deploy(
        "scripted",
        template(
            script(content, arguments="'one word'", environmentVariables=variables),
            outputs={"answer": {"type": "string", "value": "[reference('script').outputs.answer]"}},
        ),
    )
    assert done["provisioningState"] == "Succeeded", done
    assert done["outputs"]["answer"]["value"] == "one word-seen"
    shown = server.send("GET", f"{server.group}/providers/{SCRIPTS}/script").body
    log = server.send("GET", f"{server.group}/providers/{SCRIPTS}/script/logs/default").body["properties"]["log"]
    assert "given one word, seen and *******" in log
    assert "not to be seen" not in str(shown)
    assert shown["properties"]["status"]["endTime"]


def test_a_script_is_kept_in(server: Deploying) -> None:
    data = server.whole.services.settings.data
    content = f"ls {data}; echo x > /etc/left-behind; echo > /dev/tcp/192.0.2.1/80; exit 7"
    done = server.deploy("kept-in", template(script(content, forceUpdateTag="2")))
    assert done["provisioningState"] == "Failed"
    (failure,) = done["error"]["details"]
    assert failure["code"] == "ResourceDeploymentFailure"
    shown = server.send("GET", f"{server.group}/providers/{SCRIPTS}/script").body["properties"]
    assert (shown["provisioningState"], shown["status"]["error"]["code"]) == ("Failed", "DeploymentScriptError")
    log = server.send("GET", f"{server.group}/providers/{SCRIPTS}/script/logs").body["value"][0]["properties"]["log"]
    assert "Read-only file system" in log
    assert "unreachable" in log
    assert "state.db" not in log


def test_a_script_of_a_server_that_is_root_tells_the_kernel_nothing(server: Deploying) -> None:
    content = """
        echo "devices: $(ls /dev | tr '\\n' ' ')"; echo "kernel: $(ls -A /sys /run | tr '\\n' ' ')"
        cat /proc/sys/kernel/core_pattern > /proc/sys/kernel/core_pattern && echo told
        cat <(echo substituted); echo gone > /dev/null && exit 7
    """
    server.deploy("kernel", template(script(content, forceUpdateTag="3")))
    log = server.send("GET", f"{server.group}/providers/{SCRIPTS}/script/logs/default").body["properties"]["log"]
    assert "devices: fd full null random shm stderr stdin stdout urandom zero" in log
    assert "kernel: /run: /sys:" in " ".join(log.split())
    assert "core_pattern: Read-only file system" in log
    assert "substituted" in log
    assert "told" not in log


def test_a_script_has_its_time(server: Deploying) -> None:
    done = server.deploy("late", template(script("sleep 60", timeout="PT1S")))
    assert done["provisioningState"] == "Failed"
    shown = server.send("GET", f"{server.group}/providers/{SCRIPTS}/script").body["properties"]
    assert shown["status"]["error"]["code"] == "DeploymentScriptExceededMaxAllowedTime"


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def put(server: Deploying, id: str, content: str, **more: object) -> str:
    """The name of the operation that runs a script, once it does."""
    server.send("PUT", id, script(content, timeout="PT50S", **more))
    run = server.whole.services.state.get(f"{id}/vedette/run")
    assert run is not None
    until(lambda: server.send("GET", id).body["properties"]["provisioningState"] != "Creating")
    return run.body["operation"]


def ends(server: Deploying, operation: str) -> None:
    """Wait until nothing is at work on an operation, whose document may be gone."""
    until(lambda: not server.whole.services.operations.unkept(operation))


def test_a_script_that_is_deleted_ends(server: Deploying) -> None:
    id = f"{server.group}/providers/{SCRIPTS}/deleted"
    operation = put(server, id, "sleep 60")
    server.send("DELETE", id)
    ends(server, operation)
    assert server.whole.services.state.get(f"{id}/logs/default") is None


def test_a_script_that_is_put_anew_is_none_of_the_one_before(server: Deploying) -> None:
    id = f"{server.group}/providers/{SCRIPTS}/anew"
    before = put(server, id, "sleep 60")
    server.send("DELETE", id)
    ends(server, put(server, id, "echo anew"))
    ends(server, before)
    assert server.send("GET", id).body["properties"]["provisioningState"] == "Succeeded"
    assert server.send("GET", f"{id}/logs/default").body["properties"]["log"].endswith("anew\n")


def test_a_script_whose_group_is_deleted_ends(server: Deploying) -> None:
    group = f"{server.group.rpartition('/')[0]}/with-a-script"
    server.send("PUT", group, {"location": "eastus"})
    id = f"{group}/providers/{SCRIPTS}/script"
    operation = put(server, id, "sleep 60")
    server.send("DELETE", group)
    ends(server, operation)
    assert server.whole.services.state.get(f"{id}/logs/default") is None


def test_no_secret_is_left_of_a_script(server: Deploying) -> None:
    id = f"{server.group}/providers/{SCRIPTS}/secretive"
    variables = [{"name": "A", "secureValue": "abcd"}, {"name": "B", "secureValue": "abcdefgh"}]
    ends(server, put(server, id, 'echo "$A and $B"', environmentVariables=variables))
    log = server.send("GET", f"{id}/logs/default").body["properties"]["log"]
    assert log.endswith("******* and *******\n")


def test_keys_of_what_a_script_would_run_with_elsewhere_are_not_shown(server: Deploying) -> None:
    id = f"{server.group}/providers/{SCRIPTS}/keyed"
    settings = {
        "storageAccountSettings": {"storageAccountName": "account", "storageAccountKey": "hush"},
        "containerSettings": {
            "containerGroupName": "named",
            "imageRegistryCredentials": [{"server": "a.example", "username": "u", "password": "hush"}],
        },
    }
    ends(server, put(server, id, "echo", **settings))
    shown = server.send("GET", id).body["properties"]
    assert shown["storageAccountSettings"] == {"storageAccountName": "account"}
    assert shown["containerSettings"]["containerGroupName"] == "named"
    assert "hush" not in str(shown)


def test_an_address_is_told_of_without_its_key(server: Deploying) -> None:
    id = f"{server.group}/providers/{SCRIPTS}/fetching"
    for uri in ("https://example.invalid/x.sh?sig=hush", "https://example.invalid/?sig=hush"):
        ends(server, put(server, id, "echo", supportingScriptUris=[uri]))
        shown = server.send("GET", id).body["properties"]
        assert shown["provisioningState"] == "Failed"
        assert shown["status"]["error"]["code"] == "InvalidContentLink"
        assert "hush" not in str(shown["status"])


def test_a_token_that_there_is_not_is_refused(server: Deploying) -> None:
    provider = f"{server.group}/providers"
    identity = f"{provider}/Microsoft.ManagedIdentity/userAssignedIdentities/of-a-script"
    server.send("PUT", identity, {"location": "eastus"})
    asking = """python3 - <<'END'
import os, urllib.error, urllib.request
try:
    urllib.request.urlopen(os.environ["IDENTITY_ENDPOINT"] + "?resource=https://nobody.example")
except urllib.error.HTTPError as error:
    print(error.code, error.read().decode())
END
"""
    body = script(asking, timeout="PT50S") | {
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {identity: {}}}
    }
    server.send("PUT", f"{provider}/{SCRIPTS}/asking", body)
    run = server.whole.services.state.get(f"{provider}/{SCRIPTS}/asking/vedette/run")
    assert run is not None
    ends(server, run.body["operation"])
    log = server.send("GET", f"{provider}/{SCRIPTS}/asking/logs/default").body["properties"]["log"]
    assert '400 {"error": "invalid_resource", "error_description": "AADSTS500011' in log


def test_what_is_refused(server: Deploying) -> None:
    for wrong in (
        script("x", retentionInterval="PT30H"),
        script("x", primaryScriptUri="https://example.com/x.sh"),
        script("x", arguments="'"),
        script("x", environmentVariables=[{"name": "A B", "value": "x"}]),
    ):
        with pytest.raises(InvalidInput):
            server.send("PUT", f"{server.group}/providers/{SCRIPTS}/wrong", wrong)
    with pytest.raises(Unsupported, match="pwsh"):
        server.send("PUT", f"{server.group}/providers/{SCRIPTS}/wrong", script("x") | {"kind": "AzurePowerShell"})


def test_nothing_is_run_unless_the_server_was_told(tmp_path_factory: pytest.TempPathFactory) -> None:
    with whole_server(tmp_path_factory.mktemp("no-scripts")) as whole:
        plain = Deploying(whole)
        with pytest.raises(VedetteError, match="--deployment-scripts"):
            plain.begin("scripted", template(script("echo")))

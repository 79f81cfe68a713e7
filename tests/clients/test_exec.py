"""Unmodified programs with Azure's host names written in them, under `vedette exec`."""

import shutil
import sys
import textwrap
from pathlib import Path

import pytest
from tests.clients.command import vedette
from tests.clients.sdk import Ready, rows

DATA_COLLECTOR = """
    import os
    from datacollectorapi.client import DataCollectorAPIClient

    client = DataCollectorAPIClient(os.environ["WORKSPACE"], os.environ["KEY"])
    records = [{"user": "ann", "bytes": 17, "ok": True}, {"user": "bob", "bytes": 4.5, "ok": False}]
    answer = client.post_data("Unmodified", records)
    print(answer.status_code, answer.request.url.split("/")[2].partition(".")[2])
"""

SDKS = """
    import os
    from azure.identity import DefaultAzureCredential
    from azure.mgmt.securityinsight import SecurityInsightsMgmtClient
    from azure.monitor.query import LogsQueryClient

    credential = DefaultAzureCredential()
    answer = LogsQueryClient(credential).query_workspace(os.environ["WORKSPACE"], "print 6 * 7", timespan=None)
    print(answer.tables[0].rows[0][0])
    insights = SecurityInsightsMgmtClient(credential, os.environ["AZURE_SUBSCRIPTION_ID"])
    print(insights.alert_rules._config.base_url.rstrip("/"))
    print(len(list(insights.incidents.list(os.environ["AZURE_RESOURCE_GROUP"], os.environ["WORKSPACE_NAME"]))) >= 0)
"""


def script(folder: Path, text: str) -> Path:
    path = folder / "program.py"
    path.write_text(textwrap.dedent(text))
    return path


def test_the_data_collector_package_posts_to_its_own_host_name(server: Ready, tmp_path: Path) -> None:
    program = script(tmp_path, DATA_COLLECTOR)
    keys = {"WORKSPACE": server["workspace_id"], "KEY": server["secondary_shared_key"]}
    done = vedette(server, tmp_path, "exec", "--", sys.executable, program, **keys)
    assert done.stdout == "200 ods.opinsights.azure.com\n", done.stderr
    assert rows(server, "Unmodified_CL | project user_s, bytes_d, ok_b | sort by user_s asc") == [
        ["ann", 17.0, True],
        ["bob", 4.5, False],
    ]


def test_the_sdks_run_with_no_word_about_this_server(server: Ready, tmp_path: Path) -> None:
    program = script(tmp_path, SDKS)
    names = {"WORKSPACE": server["workspace_id"], "WORKSPACE_NAME": server["workspace_name"]}
    done = vedette(server, tmp_path, "exec", "--", sys.executable, program, NO_PROXY="*", **names)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "42\nhttps://management.azure.com\nTrue\n"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_reaches_azures_names_and_no_others(server: Ready, tmp_path: Path) -> None:
    address = f"https://login.microsoftonline.com/{server['tenant_id']}/v2.0/.well-known/openid-configuration"
    done = vedette(server, tmp_path, "exec", "--", "curl", "--silent", "--show-error", "--fail", address)
    assert done.returncode == 0, done.stderr
    assert f'"issuer":"https://login.microsoftonline.com/{server["tenant_id"]}/v2.0"' in done.stdout.replace(" ", "")

    refused = vedette(server, tmp_path, "exec", "--", "curl", "--silent", "--show-error", "https://example.com/")
    assert refused.returncode == 56
    assert "403" in refused.stderr


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_servers_own_address_goes_through_the_proxy_too(server: Ready, tmp_path: Path) -> None:
    done = vedette(
        server, tmp_path, "exec", "--", "curl", "--silent", "--show-error", f"{server['https']}/vedette/status"
    )
    assert done.returncode == 0, done.stderr
    assert "AuthenticationFailed" in done.stdout

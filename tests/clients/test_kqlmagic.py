"""Kqlmagic, as notebooks use it, against a live server: it has its hosts built in, and reaches them through our proxy.

It wants libraries of its own: VEDETTE_KQLMAGIC names the Python of a virtual environment that has `kqlmagic` and
`ipython`; without that the test is skipped.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest
from tests.clients.sdk import Ready

PYTHON = os.environ.get("VEDETTE_KQLMAGIC", "")
NOTEBOOK = """
import json, os
from IPython.core.interactiveshell import InteractiveShell
ready = json.loads(os.environ["READY"])
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "Kqlmagic")
who = "tenant='{tenant_id}';clientid='{client_id}';clientsecret='{client_secret}';".format_map(ready)
text = "range n from 1 to 3 step 1 | extend d = dynamic({'x': 1}), t = datetime(2024-01-01)"
told = {}
for name, address in {
    "logs": "loganalytics://" + who + "workspace='{workspace_id}';alias='logs'".format_map(ready),
    "kusto": "azureDataExplorer://" + who
    + "cluster='https://vedette.kusto.windows.net';database='{workspace_name}';alias='kusto'".format_map(ready),
}.items():
    shell.run_line_magic("kql", address)
    frame = shell.run_line_magic("kql", text)
    told[name] = [frame["n"].tolist(), frame["d"].tolist(), str(frame["t"][0])]
told["tables"] = int(shell.run_line_magic("kql", ".show tables | where TableName == 'Heartbeat' | count")["Count"][0])
print("TOLD" + json.dumps(told))
"""


@pytest.mark.skipif(not PYTHON, reason="no Kqlmagic: VEDETTE_KQLMAGIC names no Python that has it")
def test_a_notebook_asks_logs_and_kusto(server: Ready, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")} | {
        "READY": json.dumps(server),
        "HTTPS_PROXY": server["proxy"],
        "REQUESTS_CA_BUNDLE": server["ca"],
        "KQLMAGIC_LOAD_MODE": "silent",
        "KQLMAGIC_NOTEBOOK_APP": "ipython",
        "KQLMAGIC_CONFIGURATION": "auto_popup_schema=False;show_query_time=False;auto_dataframe=True",
    }
    ran = subprocess.run(
        [PYTHON, "-c", NOTEBOOK],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout.rpartition("TOLD")[2].splitlines()[0])
    rows = [[1, 2, 3], [{"x": 1}] * 3, "2024-01-01 00:00:00+00:00"]
    assert told == {"logs": rows, "kusto": rows, "tables": 1}

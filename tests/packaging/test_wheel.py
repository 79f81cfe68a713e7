"""A wheel built from the checkout works outside it: everything that the server reads travels inside."""

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from tests.clients.command import vedette
from tests.clients.sdk import rows

ROOT = Path(__file__).parents[2]
INCIDENTS_SECONDS = 30.0


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = folder.glob("vedette-*.whl")
    return path


def sources(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_every_file_of_the_package_and_every_table_is_inside(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if name.startswith("vedette/")}
    package = {f"vedette/{name}" for name in sources(ROOT / "src" / "vedette")}
    tables = {f"vedette/_data/tables/{name}" for name in sources(ROOT / "tables")}
    shapes = {f"vedette/_data/shapes/{name}" for name in sources(ROOT / "shapes")}
    console = {f"vedette/_data/console/{name}" for name in sources(ROOT / "console" / "dist") if name.endswith(".gz")}
    assert tables
    assert shapes
    assert any(name.startswith("vedette/demo/rules/") and not name.endswith(".py") for name in package)
    assert any(name.endswith(".sql") for name in package)
    assert inside == package | tables | shapes | console


def test_the_demo_runs_from_the_wheel_alone(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    data = tmp_path / "data"
    environment = os.environ | {"PYTHONPATH": str(site), "PYTHONSAFEPATH": "1"}
    where = subprocess.run(
        [sys.executable, "-c", "import vedette; print(vedette.__file__)"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.startswith(str(site))
    command = [sys.executable, "-m", "vedette.cli.main", "up", "--demo", "--data", str(data), "--port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            while not (data / "ready.json").exists():
                assert process.poll() is None, process.communicate()
                time.sleep(0.05)
            ready = json.loads((data / "ready.json").read_text())
            deadline = time.monotonic() + INCIDENTS_SECONDS
            while rows(ready, "SecurityIncident | count") == [[0]]:
                assert time.monotonic() < deadline, "the demo's rules found nothing"
                time.sleep(0.2)
            told = vedette(ready, tmp_path, "query", "SecurityIncident | distinct Title", "--format", "json")
            assert json.loads(told.stdout)
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 0
        finally:
            process.kill()

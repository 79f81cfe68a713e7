"""The names that the server stands in for."""

import pytest

from vedette.access.public_names import is_public_name


@pytest.mark.parametrize(
    "host",
    [
        "login.microsoftonline.com",
        "MANAGEMENT.azure.com",
        "api.loganalytics.io",
        "api.loganalytics.azure.com",
        "graph.microsoft.com.",
        "0a1b.ods.opinsights.azure.com",
        "dce-x.eastus-1.ingest.monitor.azure.com",
        "help.kusto.windows.net",
    ],
)
def test_public_names(host: str) -> None:
    assert is_public_name(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        ".",
        "azure.com",
        "example.com",
        "ods.opinsights.azure.com",
        "evilods.opinsights.azure.com.example.com",
        "management.azure.com.example.com",
        "xmanagement.azure.com",
        "evilkusto.windows.net",
        "127.0.0.1",
        "localhost",
    ],
)
def test_other_names(host: str) -> None:
    assert not is_public_name(host)

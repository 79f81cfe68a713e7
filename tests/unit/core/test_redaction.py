import pytest

from vedette.core.redaction import REDACTED, is_secret, redacted


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "adminPassword",
        "client_secret",
        "clientSecret",
        "sharedKey",
        "primarySharedKey",
        "key",
        "apiKey",
        "token",
        "accessToken",
        "repositoryAccess.token",
        "connectionString",
        "PAT",
        "taxiiPassword",
        "privateKey",
    ],
)
def test_secret_names(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "itemsSearchKey",
        "keyVaultUri",
        "displayName",
        "tokenEndpoint",
        "secretName",
        "clientId",
        "entityMappings",
        "passwordExpiry",
        "keywords",
        "monkey",
        "partitionKey",
        "tactics",
    ],
)
def test_other_names(name: str) -> None:
    assert not is_secret(name)


def test_values() -> None:
    told = redacted(
        {
            "properties": {
                "userName": "u",
                "password": "p",
                "keys": {"primary": "a", "enabled": True, "none": None, "list": [1, {"x": "y"}]},
                "link": "https://h/x?sv=1&sig=abc%2F&api-version=2",
                "text": "Endpoint=sb://x/;SharedAccessKeyName=n;SharedAccessKey=abc=;EntityPath=p",
                "mine": "m",
            }
        },
        frozenset({"mine"}),
    )["properties"]
    assert told["userName"] == "u"
    assert told["password"] == told["mine"] == REDACTED
    assert told["keys"] == {"primary": REDACTED, "enabled": True, "none": None, "list": [REDACTED, {"x": REDACTED}]}
    assert "abc" not in told["link"] + told["text"]
    assert "api-version=2" in told["link"]
    assert "EntityPath=p" in told["text"]

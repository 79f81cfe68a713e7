import pytest

from vedette.core.redaction import REDACTED, is_secret, redacted, traces, without_texts


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
        "x-functions-key",
        "Ocp-Apim-Subscription-Key",
        "subscriptionKey",
        "workspaceKey",
        "storageKey",
        "eventHubKey",
        "license_key",
        "Cookie",
        "Set-Cookie",
        "sas",
        "sasUri",
        "auth",
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
        "publicKey",
        "requestObjectKey",
        "sasPolicyName",
        "author",
        "authType",
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


def test_values_of_secure_parameters() -> None:
    told = redacted(
        {"parameters": {"X": {"type": "SecureString", "defaultValue": "v"}, "Y": {"type": "string", "value": "w"}}}
    )
    assert told == {
        "parameters": {"X": {"type": "SecureString", "defaultValue": REDACTED}, "Y": {"type": "string", "value": "w"}}
    }
    assert redacted({"auth": {"type": "Basic", "userName": "u", "password": "p"}, "AUTH": "p"}) == {
        "auth": {"type": "Basic", "userName": "u", "password": REDACTED},
        "AUTH": REDACTED,
    }


def test_what_an_action_signs_in_with() -> None:
    told = redacted({"inputs": {"Authentication": {"type": "Raw", "value": "v", "PFX": "p"}, "body": {"value": "w"}}})
    assert told == {
        "inputs": {"Authentication": {"type": "Raw", "value": REDACTED, "PFX": REDACTED}, "body": {"value": "w"}}
    }


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer s3cr3ts3cr3ts3cr3t.x",
        "https://h/hook?a=1&sig=s3cr3t%2Fs3cr3t%3D&b=2",
        "https://h/hook?to=x%26sig%3Ds3cr3t",
        "sig=s3cr3t",
        "https://h/x?api_key=s3cr3t",
    ],
)
def test_secrets_in_texts(text: str) -> None:
    told = redacted({"query": text})["query"]
    assert "s3cr3t" not in told
    assert REDACTED in told
    assert redacted("design=1 & the bearer of news") == "design=1 & the bearer of news"


def test_known_texts_are_replaced_the_longest_first() -> None:
    value = {"a": ["abcd, abcdefgh", "ab", "ab c"], "abcd": 12345, "b": True, "c": None, "d": 7}
    left = without_texts(value, ["", "ab", "abcd", "abcdefgh", "12345", "True", "None"], "-")
    assert left == {"a": ["-, -", "-", "ab c"], "abcd": "-", "b": True, "c": None, "d": 7}
    assert without_texts("abcd", []) == "abcd"
    assert without_texts("say abcd", ["abcd"]) == f"say {REDACTED}"


def test_traces_of_a_secret() -> None:
    value = {"a": ["x", "", {"b": 1000}], "c": [True, None, 999, "y"]}
    assert set(traces(value)) == {"x", "y", "1000"}

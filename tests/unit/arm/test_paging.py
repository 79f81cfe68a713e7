import base64
from urllib.parse import parse_qs, urlsplit

import pytest

from vedette.arm.paging import Page, next_link, requested_page
from vedette.core.errors import InvalidInput


def test_the_link_leads_to_the_next_page_of_the_same_list() -> None:
    query = {"api-version": "2024-03-01", "$filter": "properties/title eq 'a&b c'", "$top": "5", "$skiptoken": "old"}
    link = next_link("https://localhost:8443", "/subscriptions/S/x y", query, Page(5, 5))
    address = urlsplit(link)
    assert (address.scheme, address.netloc, address.path) == ("https", "localhost:8443", "/subscriptions/S/x%20y")
    parameters = {name.lower(): values[0] for name, values in parse_qs(address.query).items()}
    assert parameters.pop("$skiptoken") != "old"
    assert parameters == {name: value for name, value in query.items() if name != "$skiptoken"}
    token = parse_qs(address.query)["$skipToken"][0]
    assert requested_page({"$top": "5", "$skiptoken": token}, default=50, largest=1000) == Page(10, 5)


def test_defaults_and_the_largest() -> None:
    assert requested_page({}, default=50, largest=1000) == Page(0, 50)
    assert requested_page({"$top": "5000"}, default=50, largest=1000) == Page(0, 1000)


@pytest.mark.parametrize("top", ["0", "-1", "x", "1.5", "٣"])
def test_a_wrong_top(top: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        requested_page({"$top": top}, default=50, largest=1000)
    assert refused.value.code == "InvalidTop"


@pytest.mark.parametrize("token", ["x", "!!", "ZnJvbT0tMQ", "ZnJvbT05OTk5OTk5OTk5OTk", "é"])
def test_a_wrong_token(token: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        requested_page({"$skiptoken": token}, default=50, largest=1000)
    assert refused.value.code == "InvalidSkipToken"


def test_a_page_behind_a_document() -> None:
    query = {"api-version": "2024-03-01", "$skip": "3", "$top": "5"}
    link = next_link("https://localhost:8443", "/subscriptions/S", query, Page(3, 5), (7, "a/ö"))
    parameters = {name.lower(): values[0] for name, values in parse_qs(urlsplit(link).query).items()}
    assert "$skip" not in parameters
    assert requested_page(parameters, default=50, largest=1000) == Page(0, 5, (7, "a/ö"))


@pytest.mark.parametrize("skip", ["-1", "x", "1.5"])
def test_a_wrong_skip(skip: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        requested_page({"$skip": skip}, default=50, largest=1000)
    assert refused.value.code == "InvalidSkip"


@pytest.mark.parametrize("content", [b"after={}", b"after=[true]", b"after=[1.5]", b"after=[", b"after=[null]", b"x"])
def test_a_made_up_position(content: bytes) -> None:
    token = base64.urlsafe_b64encode(content).decode()
    with pytest.raises(InvalidInput, match="only a token from a nextLink"):
        requested_page({"$skiptoken": token}, default=50, largest=1000)

"""The pages on which people sign in say to every reader what is where, and run no script of an attribute."""

from html.parser import HTMLParser

import pytest
from starlette.responses import HTMLResponse

from vedette.api.sign_in_pages import approval_page, device_page, message_page, posting_page, sign_in_page

EVIL = "<img src=x onerror=alert(1)>\"'"
PAGES = [
    sign_in_page(program=EVIL, token="t", target="https://127.0.0.1:8443/console/"),
    sign_in_page(program="p", token="t", error=EVIL, name=EVIL, target=""),
    sign_in_page(program="p", token="t", fields={"user_code": EVIL}, target=""),
    approval_page(program=EVIL, user=EVIL, token="t", fields={"user_code": EVIL}),
    device_page(token="t"),
    device_page(token="t", error=EVIL),
    message_page(EVIL, EVIL),
    posting_page("https://app.example/callback", {"code": EVIL}),
]


class Page(HTMLParser):
    """The elements of a page with their attributes."""

    def __init__(self, response: HTMLResponse) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.feed(bytes(response.body).decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, name: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.elements if tag == name]


@pytest.mark.parametrize("response", PAGES)
def test_what_every_page_has(response: HTMLResponse) -> None:
    page = Page(response)
    assert page.all("html") == [{"lang": "en"}]
    assert [len(page.all(each)) for each in ("title", "main", "h1")] == [1, 1, 1]
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.all("meta")


@pytest.mark.parametrize("response", PAGES)
def test_each_field_has_a_label_and_its_error(response: HTMLResponse) -> None:
    page = Page(response)
    labels = [each["for"] for each in page.all("label")]
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    fields = [each for each in page.all("input") if each.get("type") != "hidden"]
    assert labels == [each["id"] for each in fields]
    assert len(ids) == len(set(ids))
    assert {each["aria-describedby"] for each in fields if "aria-describedby" in each} <= set(ids)
    if "error" in ids:
        assert all(each["aria-invalid"] == "true" for each in fields)


@pytest.mark.parametrize("response", PAGES)
def test_nothing_of_others_is_run(response: HTMLResponse) -> None:
    page = Page(response)
    assert not page.all("img")
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert ("script-src 'none'" in policy) is not bool(page.all("script"))

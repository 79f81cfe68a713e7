"""The pages on which people sign in: plain HTML without scripts, in the colours that the reader's system prefers."""

import base64
import hashlib
from collections.abc import Mapping
from html import escape
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse

from vedette.api.json_response import NOT_CACHED

_STYLE = """
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;margin:0;min-height:100vh;display:grid;place-items:center;
background:light-dark(#f3f4f6,#111418);color:light-dark(#1b1f24,#e6e8eb)}
main{box-sizing:border-box;width:min(24rem,100vw);padding:2rem;border-radius:.5rem;
background:light-dark(#fff,#1b2027);box-shadow:0 1px 6px light-dark(#0002,#0008)}
h1{font-size:1.25rem;margin:0 0 .25rem}p{margin:.5rem 0}label{display:block;margin:1rem 0 .25rem}
input{box-sizing:border-box;width:100%;font:inherit;padding:.5rem;border-radius:.25rem;
border:1px solid light-dark(#8a9099,#5b636e);background:light-dark(#fff,#111418);color:inherit}
button{font:inherit;margin:1.25rem .5rem 0 0;padding:.5rem 1.25rem;border-radius:.25rem;cursor:pointer;
border:1px solid light-dark(#0b5cad,#6cb2f5);background:light-dark(#0b5cad,#6cb2f5);color:light-dark(#fff,#0b1117)}
button.second{background:none;color:inherit}
.error{color:light-dark(#a4262c,#ff9a9a)}code{font-size:1.1em;letter-spacing:.1em}
:focus-visible{outline:3px solid light-dark(#0b5cad,#6cb2f5);outline-offset:2px}
"""
_SEND = "document.forms[0].submit()"


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


_STYLE_SOURCE, _SEND_SOURCE = _source(_STYLE), _source(_SEND)


def sign_in_page(
    *, program: str, token: str, error: str = "", name: str = "", fields: Mapping[str, str] | None = None, target: str
) -> HTMLResponse:
    """Asks for a name and a password; `target` is where an answer may be sent on to, empty for this server itself."""
    device = bool(fields)
    decline = (
        '<button class="second" name="decline" value="1" formnovalidate>I did not ask for this</button>'
        if device
        else ""
    )
    warning = (
        "<p>Go on only if you began this on a device of yours, and it is this program that shows the code.</p>"
        if device
        else ""
    )
    return _page(
        "Sign in",
        f"<p>to go on to <strong>{escape(program)}</strong></p>{warning}{_error(error)}"
        f'<form method="post">{_hidden({"token": token, **(fields or {})})}'
        '<label for="username">User name</label>'
        f'<input id="username" name="username" autocomplete="username" autocapitalize="none" spellcheck="false" '
        f'maxlength="256" required autofocus value="{escape(name)}"{_wrong(error)}>'
        '<label for="password">Password</label>'
        '<input id="password" name="password" type="password" autocomplete="current-password" maxlength="256" '
        f"required{_wrong(error)}><button>Sign in</button>{decline}</form>",
        status=400 if error else 200,
        target=target,
    )


def approval_page(*, program: str, user: str, token: str, fields: Mapping[str, str]) -> HTMLResponse:
    """Asks somebody who is signed in whether a device may go on in their name."""
    return _page(
        "Let this program in?",
        f"<p><strong>{escape(program)}</strong> will act as <strong>{escape(user)}</strong>.</p>"
        "<p>Go on only if you began this on a device of yours, and it is this program that shows the code.</p>"
        f'<form method="post">{_hidden({"token": token, **fields})}'
        '<button name="approve" value="1">Go on</button>'
        '<button class="second" name="decline" value="1">I did not ask for this</button></form>',
    )


def device_page(*, token: str, error: str = "") -> HTMLResponse:
    """Asks for the code that a device shows."""
    return _page(
        "Sign in on another device",
        f"<p>Type the code that the program shows.</p>{_error(error)}"
        f'<form method="post">{_hidden({"token": token})}<label for="code">Code</label>'
        '<input id="code" name="user_code" autocomplete="off" autocapitalize="characters" spellcheck="false" '
        f'maxlength="20" required autofocus{_wrong(error)}><button>Next</button></form>',
        status=400 if error else 200,
    )


def message_page(title: str, text: str, *, status: int = 200) -> HTMLResponse:
    """Says something."""
    return _page(title, f"<p>{escape(text)}</p>", status=status)


def posting_page(target: str, fields: Mapping[str, str]) -> HTMLResponse:
    """Sends an answer on to a program as a posted form: by itself where scripts run, else at a button's press."""
    return _page(
        "Signed in",
        f'<form method="post" action="{escape(target)}">{_hidden(fields)}<button>Go on</button></form>'
        f"<script>{_SEND}</script>",
        target=target,
        script=_SEND_SOURCE,
    )


def security_headers(*, target: str = "", script: str = "'none'") -> dict[str, str]:
    """Nothing is loaded, nobody frames the page, forms go to this server and to the program that waits for an answer.

    Browsers hold the redirect after a form to `form-action` too.
    """
    onward = ""
    if target:
        parts = urlsplit(target)
        onward = f" {parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else f" {parts.scheme}:"
    policy = (
        f"default-src 'none'; style-src {_STYLE_SOURCE}; script-src {script}; form-action 'self'{onward}; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        **NOT_CACHED,
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }


def _page(title: str, content: str, *, status: int = 200, target: str = "", script: str = "'none'") -> HTMLResponse:
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · Vedette</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{content}</main></body></html>"
    )
    return HTMLResponse(text, status, security_headers(target=target, script=script))


def _hidden(fields: Mapping[str, str]) -> str:
    return "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in fields.items()
    )


def _error(text: str) -> str:
    return f'<p class="error" role="alert" id="error">{escape(text)}</p>' if text else ""


def _wrong(error: str) -> str:
    """What tells a screen reader, which begins at the field, of the error above it."""
    return ' aria-invalid="true" aria-describedby="error"' if error else ""

"""What the server writes about itself shows no secret that a function held when it failed."""

import sys

import pytest
import structlog

from vedette.logging_setup import set_up_logging


@pytest.mark.parametrize("format", ["text", "json"])
def test_an_exception_is_written_without_the_values_of_variables(
    format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = structlog.get_config()
    set_up_logging(format=format)
    secret = "hunter2".upper()
    try:
        raise OSError(f"broken, as {len(secret)} letters tell")
    except OSError:
        structlog.get_logger().exception("it failed")
    finally:
        structlog.configure(**before)
    written = capsys.readouterr().err
    assert "broken, as 7 letters tell" in written
    assert "raise OSError" in written or format == "json"
    assert secret not in written
    assert sys.exc_info()[0] is None

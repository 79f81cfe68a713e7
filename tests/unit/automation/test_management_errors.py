"""What a playbook is told of a refused request to the management plane."""

import pytest

from vedette.automation.workflows.management import refused
from vedette.core.errors import NotFound, TimedOut, TooLarge, VedetteError


@pytest.mark.parametrize(("error", "status"), [(NotFound, 404), (TooLarge, 413), (TimedOut, 504)])
def test_a_refusal_has_the_status_that_the_management_plane_gives_it(error: type[VedetteError], status: int) -> None:
    outputs = refused(error("Code", "A sentence."))
    assert outputs["statusCode"] == status
    assert outputs["body"] == {"error": {"code": "Code", "message": "A sentence."}}

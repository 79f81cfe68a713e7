"""A template that is wrong, sent as az sends files: where it is wrong is told by the lines of the request."""

import pytest
from starlette.testclient import TestClient

from vedette.access.estate import Estate
from vedette.api.services import Services

SENT = """{"properties": {"mode": "Incremental", "Template": {
  // a comment, and a text over
  "contentVersion": "1.0.0.0",
  "variables": {"several": "lines
and more"},
  "resources": [
    {
      "type": "Microsoft.OperationalInsights/queryPacks", "apiVersion": "2019-09-01",
      "name": "[WHAT]", "location": "eastus", "properties": {}
    }
  ]
}}}"""


def address(estate: Estate) -> str:
    return f"{estate.resource_group_id}/providers/Microsoft.Resources/deployments/wrong"


def test_the_line_of_what_is_wrong_is_told(owner: TestClient, services: Services) -> None:
    sent = SENT.replace("WHAT", "variables('none')")
    for encoding in ("utf-8", "utf-16"):
        content = sent.encode(encoding)
        answer = owner.put(address(services.estate), params={"api-version": "2022-09-01"}, content=content)
        assert answer.status_code == 400
        error = answer.json()["error"]
        assert error["code"] == "InvalidTemplate"
        assert error["message"] == (
            "Deployment template validation failed: 'The template resource '[variables('none')]' at line '7' and "
            "column '5' is not valid: The template variable 'none' is not found. Please see "
            "https://aka.ms/arm-template/#variables for usage details.. Please see "
            "https://aka.ms/arm-template-expressions for usage details.'."
        )
        info = {"lineNumber": 7, "linePosition": 5, "path": "resources[0]"}
        assert error["additionalInfo"] == [{"type": "TemplateViolation", "info": info}]


def test_an_expression_that_is_none_is_told(owner: TestClient, services: Services) -> None:
    sent = SENT.replace("WHAT", "concat('a'")
    answer = owner.put(address(services.estate), params={"api-version": "2022-09-01"}, content=sent.encode())
    assert answer.json()["error"]["message"] == (
        "Deployment template language expression evaluation failed: 'Unable to parse language expression 'concat('a'': "
        "expected token 'RightParenthesis' and actual 'EndOfData'.'. Please see "
        "https://aka.ms/arm-template-expressions for usage details."
    )


def test_the_line_is_told_of_a_template_that_computes_much(
    owner: TestClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lines are found in a second run, which does not begin with what the first one has left."""
    monkeypatch.setattr("vedette.arm.templates.context._MOST_STEPS", 5_000)
    much = "length(map(range(0, 10000), lambda('x', 1)))"
    sent = SENT.replace("WHAT", f"format('{{0}}{{1}}', {much}, variables('none'))")
    answer = owner.put(address(services.estate), params={"api-version": "2022-09-01"}, content=sent.encode())
    assert "at line '7' and column '5' is not valid: The template variable 'none'" in answer.json()["error"]["message"]

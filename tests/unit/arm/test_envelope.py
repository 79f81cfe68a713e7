import pytest

from vedette.arm.envelope import received_body
from vedette.core.errors import InvalidInput


def test_what_is_kept_of_a_body() -> None:
    sent = {"ID": "/x", "etag": "e", "Properties": {"a": 1, "Made": 2}, "KIND": "K", "Tags": {"T": "t"}, "other": None}
    kept = {"properties": {"a": 1}, "kind": "K", "tags": {"T": "t"}, "other": None}
    assert received_body(sent, frozenset({"made"})) == kept
    assert received_body({"properties": None}, frozenset()) == {"properties": {}}
    assert received_body({}, frozenset()) == {"properties": {}}


@pytest.mark.parametrize("sent", [None, [], "x", {"properties": []}, {"Properties": 1}])
def test_what_is_no_body(sent: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        received_body(sent, frozenset())
    assert refused.value.code == "InvalidRequestContent"

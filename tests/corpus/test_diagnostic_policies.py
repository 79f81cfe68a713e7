"""What Create-AzDiagPolicy exported is read, in UTF-16 too, and goes into a template as it is."""

from pathlib import Path

import pytest

from tests.corpus.api_examples import EXAMPLES
from vedette.content.diagnostics.policy_files import read_policies
from vedette.content.diagnostics.policy_template import definitions_of, policy_template
from vedette.content.diagnostics.sinks import LOG_ANALYTICS
from vedette.policy.definition import read_definition

EXPORTED = EXAMPLES.parent.parent / "policy" / "create_az_diag_policy_style"

pytestmark = pytest.mark.skipif(not EXPORTED.is_dir(), reason=f"no policies at {EXPORTED}; set VEDETTE_CORPUS")


def test_they_are_read_in_either_encoding(tmp_path: Path) -> None:
    plain = read_policies(EXPORTED)
    assert len(plain) == len(list(EXPORTED.iterdir()))
    for each in plain:
        assert read_definition(each.name, each.name, each.properties).types
    for path in EXPORTED.iterdir():
        folder = tmp_path / path.stem
        folder.mkdir()
        text = path.read_text(encoding="utf-8-sig")
        (folder / "azurepolicy.json").write_bytes(b"\xff\xfe" + text.encode("utf-16-le"))
    again = read_policies(tmp_path)
    assert [(each.name, each.properties) for each in again] == [(each.name, each.properties) for each in plain]
    template = policy_template(again, LOG_ANALYTICS, "", of_group=False)
    assert list(definitions_of(template)) == [(each.name, each.properties) for each in again]

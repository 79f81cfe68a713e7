"""Policies for diagnostic settings: each is one that the policy engine reads, with its choices; names stay."""

import pytest

from vedette.content.diagnostics.choices import ALL_LOGS, AUDIT, Choices, chosen_types
from vedette.content.diagnostics.definition import make_definition
from vedette.content.diagnostics.initiative import make_initiative
from vedette.content.diagnostics.policy_template import definitions_of, policy_template
from vedette.content.diagnostics.sinks import EVENT_HUB, LOG_ANALYTICS, SINKS
from vedette.core.errors import InvalidInput
from vedette.log_management.resource_log_types import ResourceLogs, known_types, logs_of
from vedette.policy.definition import read_definition
from vedette.policy.initiative import read_initiative

TYPES = known_types().values()
VAULTS = "Microsoft.KeyVault/vaults"


def vaults() -> ResourceLogs:
    found = logs_of(VAULTS)
    assert found is not None
    return found


@pytest.mark.parametrize("sink", SINKS)
@pytest.mark.parametrize("categories", ["each", ALL_LOGS, AUDIT])
def test_every_type_makes_a_definition_that_is_read(sink: str, categories: str) -> None:
    choices = Choices(SINKS[sink], categories, dedicated=True)
    made = [make_definition(each, choices) for each in chosen_types(TYPES, (), choices)]
    assert len(made) > (30 if categories == AUDIT else 100)
    assert len({each.name for each in made}) == len({each.folder for each in made}) == len(made)
    for each in made:
        definition = read_definition(each.name, each.name, each.properties)
        assert definition.types is not None
    initiative = make_initiative(made, SINKS[sink], "", lambda name: f"/x/{name}")
    assert len(read_initiative(initiative.name, initiative.name, initiative.properties).members) == len(made)


def test_names_are_the_same_whatever_is_chosen() -> None:
    plain = make_definition(vaults(), Choices())
    other = make_definition(vaults(), Choices(dedicated=True, logs_only=True, all_regions=True, categories=AUDIT))
    assert plain.name == other.name == "vedette-diagnostics-bda112172d48047889874020"
    assert plain.properties != other.properties
    assert plain.name != make_definition(vaults(), Choices(EVENT_HUB)).name


def test_regions_are_asked_for_where_they_matter() -> None:
    def has_regions(choices: Choices) -> bool:
        return "azureRegions" in make_definition(vaults(), choices).properties["parameters"]

    assert has_regions(Choices())
    assert not has_regions(Choices(all_regions=True))
    assert has_regions(Choices(EVENT_HUB, all_regions=True))


def test_logs_only_leaves_out_metrics_and_what_has_nothing_else() -> None:
    choices = Choices(logs_only=True)
    assert "metricsEnabled" not in make_definition(vaults(), choices).properties["parameters"]
    names = {each.type for each in chosen_types(TYPES, (), choices)}
    assert "Microsoft.Compute/virtualMachines" not in names
    assert "Microsoft.Compute/virtualMachines" in {each.type for each in chosen_types(TYPES, (), Choices())}
    with pytest.raises(InvalidInput, match=r"nothing of 'Microsoft\.Compute/virtualMachines'"):
        chosen_types(TYPES, ("microsoft.compute/virtualmachines",), choices)
    with pytest.raises(InvalidInput, match=r"No logs of 'Some\.thing/else' are known"):
        chosen_types(TYPES, ("Some.thing/else",), choices)


def test_a_kind_is_a_condition_and_a_definition_of_its_own() -> None:
    of_kind = ResourceLogs(VAULTS, vaults().logs, (), "v12.0,user")
    made = make_definition(of_kind, Choices(all_regions=True))
    assert {"field": "kind", "equals": "v12.0,user"} in made.properties["policyRule"]["if"]["allOf"]
    assert made.name != make_definition(vaults(), Choices()).name
    assert made.folder == "Apply-Diag-Settings-LA-Microsoft.KeyVault-vaults-v12-0-user"


@pytest.mark.parametrize("of_group", [False, True])
def test_a_template_holds_the_definitions_as_they_are(of_group: bool) -> None:
    made = [make_definition(vaults(), Choices())]
    template = policy_template(made, LOG_ANALYTICS, "All of it", of_group=of_group)
    definition, initiative = template["resources"]
    assert definition["properties"]["policyRule"]["then"]["effect"] == "[[parameters('effect')]"
    assert initiative["properties"]["policyDefinitions"][0]["policyDefinitionId"].startswith("[e" if of_group else "[s")
    assert list(definitions_of(template)) == [(made[0].name, made[0].properties)]

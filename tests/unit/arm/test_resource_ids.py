import pytest

from vedette.arm.resource_ids import parse_id
from vedette.core.errors import InvalidInput

WORKSPACE = "/subscriptions/S/resourceGroups/RG/providers/Microsoft.OperationalInsights/workspaces/WS"
SENTINEL = f"{WORKSPACE}/providers/Microsoft.SecurityInsights"


@pytest.mark.parametrize(
    ("id", "type", "names", "parent"),
    [
        ("/subscriptions", "Microsoft.Resources/subscriptions", (), ""),
        ("/subscriptions/S", "Microsoft.Resources/subscriptions", ("S",), ""),
        ("/tenants", "Microsoft.Resources/tenants", (), ""),
        (
            "/subscriptions/S/resourcegroups",
            "Microsoft.Resources/subscriptions/resourcegroups",
            ("S",),
            "/subscriptions/S",
        ),
        (
            "/subscriptions/S/resourceGroups/RG",
            "Microsoft.Resources/subscriptions/resourceGroups",
            ("S", "RG"),
            "/subscriptions/S",
        ),
        ("/subscriptions/S/providers", "Microsoft.Resources/subscriptions/providers", ("S",), "/subscriptions/S"),
        (
            "/subscriptions/S/providers/Microsoft.X",
            "Microsoft.Resources/subscriptions/providers",
            ("S", "Microsoft.X"),
            "/subscriptions/S",
        ),
        (WORKSPACE, "Microsoft.OperationalInsights/workspaces", ("WS",), "/subscriptions/S/resourceGroups/RG"),
        (
            "/subscriptions/S/providers/Microsoft.OperationalInsights/workspaces",
            "Microsoft.OperationalInsights/workspaces",
            (),
            "/subscriptions/S",
        ),
        (f"{SENTINEL}/alertRules", "Microsoft.SecurityInsights/alertRules", (), WORKSPACE),
        (f"{SENTINEL}/alertRules/R", "Microsoft.SecurityInsights/alertRules", ("R",), WORKSPACE),
        (
            f"{SENTINEL}/alertRules/R/actions/A",
            "Microsoft.SecurityInsights/alertRules/actions",
            ("R", "A"),
            f"{SENTINEL}/alertRules/R",
        ),
        (
            f"{SENTINEL}/incidents/I/alerts",
            "Microsoft.SecurityInsights/incidents/alerts",
            ("I",),
            f"{SENTINEL}/incidents/I",
        ),
        ("/providers/Microsoft.Authorization/roleDefinitions/X", "Microsoft.Authorization/roleDefinitions", ("X",), ""),
        (
            "/subscriptions/S/resourceGroups/providers/providers/Microsoft.X/things/t",
            "Microsoft.X/things",
            ("t",),
            "/subscriptions/S/resourceGroups/providers",
        ),
    ],
)
def test_the_parts_of_an_id(id: str, type: str, names: tuple[str, ...], parent: str) -> None:
    path = parse_id(id)
    assert (path.type, path.names, path.parent_id, path.id) == (type, names, parent, id)
    assert path.is_item == (len(path.types) == len(names))


def test_slashes_may_be_doubled_and_trailing() -> None:
    assert parse_id("//subscriptions//S/resourcegroups/RG//").id == "/subscriptions/S/resourcegroups/RG"


def test_the_lineage_begins_outside() -> None:
    assert [each.id for each in parse_id(f"{SENTINEL}/alertRules/R").lineage] == [
        "/subscriptions/S",
        "/subscriptions/S/resourceGroups/RG",
        WORKSPACE,
    ]
    assert parse_id(f"{SENTINEL}/alertRules/R").resource_group == "RG"
    assert parse_id("/subscriptions/S").resource_group is None


@pytest.mark.parametrize(
    "id",
    [
        "",
        "/",
        "/subscriptions/..",
        "/subscriptions/./resourceGroups/RG",
        f"{SENTINEL}/alertRules/a%2Fb",
        f"{SENTINEL}/alertRules/a\\b",
        f"{SENTINEL}/alertRules/a?b",
        f"{SENTINEL}/alertRules/a#b",
        f"{SENTINEL}/alertRules/a\nb",
        f"{SENTINEL}/alertRules/a\x00b",
        f"{SENTINEL}/alertRules/a\u202eb",
        f"{SENTINEL}/alertRules/ ",
        f"{SENTINEL}/alertRules/{'x' * 600}",
        "/subscriptions/S" + "/x" * 5000,
    ],
)
def test_tricks_are_refused(id: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_id(id)
    assert refused.value.code == "InvalidResourceId"

"""A template in the form that Bicep compiles to, and one whose every name has another letter case."""

from tests.unit.arm.templates.test_evaluate import GROUP, Resources, evaluate

STORE = f"{GROUP}/providers/Test.Store/accounts"
COMPILED = {
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "languageVersion": "2.0",
    "contentVersion": "1.0.0.0",
    "metadata": {"_generator": {"name": "bicep", "version": "0.30.3.12046", "templateHash": "1"}},
    "definitions": {
        "accountType": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "sku": {"type": "string", "allowedValues": ["A", "B"], "nullable": True},
                "tags": {"type": "object", "properties": {}, "additionalProperties": {}, "nullable": True},
            },
            "metadata": {"__bicep_export!": True},
        }
    },
    "functions": [
        {
            "namespace": "__bicep",
            "members": {
                "named": {
                    "parameters": [{"type": "string", "name": "prefix"}, {"type": "int", "name": "number"}],
                    "output": {
                        "type": "string",
                        "value": "[format('{0}-{1}', __bicep.lower(parameters('prefix')), parameters('number'))]",
                    },
                },
                "lower": {
                    "parameters": [{"type": "string", "name": "text"}],
                    "output": {"type": "string", "value": "[toLower(parameters('text'))]"},
                },
            },
        }
    ],
    "parameters": {
        "accounts": {"type": "array", "items": {"$ref": "#/definitions/accountType"}, "minLength": 1},
        "location": {"type": "string", "defaultValue": "[resourceGroup().location]"},
        "suffix": {"type": "string", "nullable": True},
    },
    "variables": {
        "$fxv#0": "a file's text\nwith '[brackets]'",
        "copy": [
            {
                "name": "names",
                "count": "[length(parameters('accounts'))]",
                "input": "[__bicep.named(parameters('accounts')[copyIndex('names')].name, copyIndex('names'))]",
            }
        ],
    },
    "resources": {
        "old": {"existing": True, "type": "Test.Store/accounts", "apiVersion": "2020-01-01", "name": "old"},
        "stores": {
            "copy": {"name": "stores", "count": "[length(variables('names'))]"},
            "type": "Test.Store/accounts",
            "apiVersion": "2020-01-01",
            "name": "[variables('names')[copyIndex()]]",
            "location": "[parameters('location')]",
            "tags": "[shallowMerge(createArray(createObject('by', 'us'), "
            "coalesce(tryGet(parameters('accounts')[copyIndex()], 'tags'), createObject())))]",
            "sku": {"name": "[coalesce(tryGet(parameters('accounts')[copyIndex()], 'sku'), 'A')]"},
            "properties": {"text": "[variables('$fxv#0')]", "suffix": "[parameters('suffix')]"},
            "metadata": {"description": "Stores"},
        },
        "lock": {
            "condition": "[greater(length(parameters('accounts')), 1)]",
            "type": "Test.Locks/locks",
            "apiVersion": "2020-01-01",
            "scope": "[resourceId('Test.Store/accounts', variables('names')[0])]",
            "name": "lock",
            "properties": {"key": "[listKeys('old', '2020-01-01').body]", "id": "[resourceInfo('stores[1]').id]"},
            "dependsOn": ["[format('stores[{0}]', 0)]"],
        },
        "module": {
            "type": "Microsoft.Resources/deployments",
            "apiVersion": "2022-09-01",
            "name": "module",
            "properties": {
                "expressionEvaluationOptions": {"scope": "inner"},
                "mode": "Incremental",
                "parameters": {"ids": {"value": "[map(range(0, 2), lambda('i', lambdaVariables('i')))]"}},
                "template": {"languageVersion": "2.0", "resources": {}, "parameters": {"ids": {"type": "array"}}},
            },
            "dependsOn": ["stores"],
        },
    },
    "outputs": {
        "first": {"type": "string", "value": "[reference('stores[0]').endpoint]"},
        "old": {"type": "object", "value": "[reference('old', '2020-01-01', 'full').sku]"},
        "none": {"type": "string", "nullable": True, "value": "[tryGet(reference('old'), 'nothing')]"},
        "of": {"type": "string", "value": "[reference('module').outputs.of.value]"},
    },
}


def test_a_compiled_template() -> None:
    found = evaluate(COMPILED, accounts=[{"name": "ONE", "sku": "B"}, {"name": "two", "tags": {"by": "them"}}])
    assert [(each.symbolic_name, each.deployed) for each in found.resources] == [
        ("stores[0]", True), ("stores[1]", True), ("lock", True), ("module", True), ("old", False),
    ]  # fmt: skip
    first, second, lock, module, _ = found.resources
    assert (first.id, second.id) == (f"{STORE}/one-0", f"{STORE}/two-1")
    assert first.preview() == {
        "location": "westeurope",
        "tags": {"by": "us"},
        "sku": {"name": "B"},
        "properties": {"text": "a file's text\nwith '[brackets]'", "suffix": None},
    }
    assert second.preview()["tags"] == {"by": "them"}
    assert (lock.id, lock.scope) == (f"{STORE}/one-0/providers/Test.Locks/locks/lock", f"{STORE}/one-0")
    assert lock.depends_on == (first.id,)
    assert module.depends_on == (first.id, second.id)
    there = Resources(
        **{
            first.id: {"properties": {"endpoint": "https://one"}},
            f"{STORE}/old": {"sku": {"name": "S"}, "properties": {}},
            module.id: {"properties": {"outputs": {"of": {"value": "within"}}}},
        }
    )
    assert lock.body(there)["properties"] == {"key": None, "id": second.id}
    assert module.body(there)["properties"]["parameters"] == {"ids": {"value": [0, 1]}}
    assert {name: each.value for name, each in found.outputs(there).items()} == {
        "first": "https://one", "old": {"name": "S"}, "of": "within",
    }  # fmt: skip


def test_names_have_any_letter_case() -> None:
    found = evaluate(
        {
            "PARAMETERS": {"Name": {"TYPE": "String", "DefaultValue": "x"}},
            "Variables": {"Full": "[CONCAT(Parameters('NAME'), 'y')]"},
            "Resources": [
                {
                    "Type": "Test.Store/accounts",
                    "ApiVersion": "2020-01-01",
                    "NAME": "[Variables('full')]",
                    "DEPENDSON": ["test.store/ACCOUNTS/b"],
                    "Properties": {"Kept": "[resourceGroup().LOCATION]"},
                },
                {
                    "type": "test.store/accounts",
                    "apiversion": "2020-01-01",
                    "name": "B",
                    "COPY": {"NAME": "l", "COUNT": 1},
                },
            ],
            "OutPuts": {"O": {"Type": "STRING", "Value": "[reference('XY').Key]"}},
        }
    )
    assert [each.name for each in found.resources] == ["B", "xy"]
    assert found.resources[1].preview() == {"Properties": {"Kept": "westeurope"}}
    there = Resources(**{found.resources[1].id: {"properties": {"key": "k"}}})
    assert found.outputs(there)["O"].shown() == {"type": "String", "value": "k"}

"""What the resources of a group have done outside of it, which goes when the group is deleted, as when each of them is.

https://learn.microsoft.com/azure/azure-resource-manager/management/delete-resource-group
"""

from vedette.access.workspaces import WORKSPACE
from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.logs.collection_rule import DATA_COLLECTION_RULE
from vedette.sentinel.data_collection_associations import ASSOCIATION
from vedette.sentinel.onboarding_states import offboard_in
from vedette.sentinel.solutions import SOLUTION, sentinel_of
from vedette.state.store import StateStore, Transaction


def check_effects(context: Context, call: Call, group_id: str) -> None:
    """Raises Forbidden where Sentinel would be switched off in a workspace that the caller may not change."""
    for workspace in _switched_outside(context.state, group_id):
        context.roles.check(call.principal, f"{WORKSPACE}/write", workspace)


def undo_effects(transaction: Transaction, group_id: str) -> None:
    """Delete the associations with the group's data collection rules, and switch Sentinel off where its solutions had
    switched it on. Its own workspaces keep what they have, for they can be recovered."""
    rules = {rule.id.lower() for rule in transaction.list(DATA_COLLECTION_RULE, group_id)}
    for association in transaction.list(ASSOCIATION) if rules else ():
        if str(association.body["properties"].get("dataCollectionRuleId", "")).lower() in rules:
            transaction.delete(association.id)
    for workspace in _switched_outside(transaction, group_id):
        offboard_in(transaction, workspace)


def _switched_outside(state: StateStore | Transaction, group_id: str) -> list[str]:
    """The workspaces of other groups in which the group's solutions have switched Sentinel on."""
    named = (sentinel_of(solution) for solution in state.list(SOLUTION, group_id))
    return [each for each in named if each is not None and not each.lower().startswith(f"{group_id.lower()}/")]

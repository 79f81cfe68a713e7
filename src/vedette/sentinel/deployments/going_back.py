"""Whether who asks for `onErrorDeployment` may deploy what it goes back to: known before anything is done."""

from vedette.access.principals import Principal
from vedette.arm.context import Context
from vedette.arm.templates.evaluate import evaluate_template
from vedette.core.errors import Forbidden, VedetteError
from vedette.core.instants import instant_of
from vedette.sentinel.deployments.facts import facts_of, management_of
from vedette.sentinel.deployments.failures import invalid_deployment
from vedette.sentinel.deployments.itself import itself, itself_again
from vedette.sentinel.deployments.links import Linked
from vedette.sentinel.deployments.nested import Place, Preview, unfolded
from vedette.sentinel.deployments.records import Json, run_of
from vedette.sentinel.deployments.request import COMPLETE
from vedette.sentinel.deployments.rollback import earlier_deployment
from vedette.sentinel.deployments.spellings import with_places
from vedette.state.documents import Document


def check_rights(context: Context, principal: Principal, base: str, id: str, wanted: Json) -> None:
    """Return unless the earlier deployment has a resource that the caller may not write: it would fail then.

    An earlier one that is not there, or cannot be deployed again, is told of when it comes to that.
    Raises Forbidden (InvalidTemplateDeployment).
    """
    try:
        earlier = earlier_deployment(context.state, id, wanted)
        previews = _previews(context, principal, base, earlier)
    except VedetteError:
        return
    problems: list[tuple[str, str, str, VedetteError]] = []
    for each in previews:
        resource = each.resource
        try:
            management_of(context).check(principal, "PUT", f"{resource.id}?api-version={resource.api_version}")
        except Forbidden as error:
            problems.append((resource.name, resource.type, resource.id, error))
        except VedetteError:
            continue
    if problems:
        raise invalid_deployment(earlier.name, problems)


def _previews(context: Context, principal: Principal, base: str, earlier: Document) -> list[Preview]:
    run = run_of(context.state, earlier.id)
    if run is None or run["secure"]:
        return []
    began = instant_of(run["began"])
    linked = Linked(run["template"], run.get("link"), run["uri"], run["beside"], run["path"])
    told = itself(earlier.name, earlier.body.get("location"), linked, itself_again(run), COMPLETE)
    facts = facts_of(context, principal, earlier.scope, told, base, began)
    parameters = {name: {"value": each} for name, each in run["parameters"].items()}
    evaluated = evaluate_template(with_places(run["template"]), parameters, facts)
    return list(unfolded(Place(context, principal, base, began), evaluated, linked))

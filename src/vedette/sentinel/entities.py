"""Entities, alerts among them, as incidents refer to them by id; the scheduler and bookmarks make them.

https://learn.microsoft.com/rest/api/securityinsights/entities
"""

from vedette.arm.resource import READ_METHODS
from vedette.detect.entity_documents import ENTITY
from vedette.sentinel.entity_expansion import expand
from vedette.sentinel.entity_insights import get_insights
from vedette.sentinel.entity_timeline import get_timeline
from vedette.sentinel.extension import extension
from vedette.sentinel.playbook_runs import run_playbook

ENTITIES = extension(
    "entity",
    ENTITY,
    key="entityId",
    methods=READ_METHODS,
    actions={
        "expand": expand,
        "getTimeline": get_timeline,
        "getInsights": get_insights,
        "runPlaybook": run_playbook,
    },
    reading=frozenset({"expand"}),
    page=50,
)

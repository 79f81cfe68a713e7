"""Entities, alerts among them, as incidents refer to them by id; the scheduler makes them."""

from vedette.arm.resource import READ_METHODS, Resource
from vedette.detect.entity_documents import ENTITY
from vedette.sentinel.onboarding_states import require_onboarded
from vedette.sentinel.workspaces import WORKSPACE

ENTITIES = Resource(ENTITY, key="entityId", parent=WORKSPACE, methods=READ_METHODS, require=require_onboarded, page=50)

"""tiIndicators as they are kept: a document for the application that sent one, and the same indicator in each workspace
that gets it, where the management API shows it and the log tables have it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from vedette.access.workspaces import Workspaces
from vedette.core.ids import NewId, derived_id
from vedette.core.instants import arm_time
from vedette.intelligence.destinations import destinations
from vedette.intelligence.graph_indicators import SENTINEL, indicator_properties, observables
from vedette.intelligence.indicator_documents import Origin, Place, Sent, put_indicators, remove_indicators
from vedette.state.conditions import In
from vedette.state.documents import Document
from vedette.state.store import Transaction

TI_INDICATOR: Final = "Microsoft.Graph/tiIndicators"
INDICATOR: Final = "tiIndicator"
"""What a document has the indicator under."""

_METHOD: Final = "Microsoft Graph"
_FOR_SENTINEL: Final = frozenset({SENTINEL, "Microsoft Sentinel"})


@dataclass(frozen=True, slots=True)
class Owner:
    """The application that indicators are of, its name, and who sends for it: `{objectId, email, name}`."""

    application_id: str
    name: str
    by: Mapping[str, Any]

    @property
    def scope(self) -> str:
        """What its documents are under."""
        return f"/security/applications/{self.application_id.lower()}"

    def id(self, name: str) -> str:
        """The id of a document."""
        return f"{self.scope}/tiIndicators/{name.lower()}"


@dataclass(frozen=True, slots=True)
class Keeper:
    """Keeps the indicators of a tenant."""

    tenant_id: str
    workspaces: Workspaces
    new_id: NewId

    def submit(
        self, transaction: Transaction, owner: Owner, indicators: Sequence[dict[str, Any]], now: datetime
    ) -> list[dict[str, Any]]:
        """Keep checked indicators. One that is sent again with the same external id and observables is the same."""
        kept: list[dict[str, Any]] = []
        for each in indicators:
            external = each.get("externalId")
            parts = ("tiIndicator", self.tenant_id, owner.application_id, str(external), *observables(each))
            id = derived_id(*parts) if external else self.new_id()
            existing = transaction.get(owner.id(id))
            received = arm_time(now) if existing is None else existing.body[INDICATOR]["ingestedDateTime"]
            stamped = {**each, "id": id, "azureTenantId": self.tenant_id, "ingestedDateTime": received}
            kept.append(stamped)
        self._put(transaction, owner, kept, now)
        return kept

    def change(
        self, transaction: Transaction, owner: Owner, indicators: Sequence[dict[str, Any]], now: datetime
    ) -> list[dict[str, Any]]:
        """Keep other values of indicators that are there."""
        self._put(transaction, owner, indicators, now)
        return list(indicators)

    def remove(self, transaction: Transaction, documents: Sequence[Document], now: datetime) -> None:
        """Delete indicators, wherever they went."""
        transaction.delete_all(documents)
        for workspace in self.workspaces.all():
            place = Place(workspace, self.tenant_id)
            found = [transaction.get(place.indicator_id(each.name)) for each in documents]
            remove_indicators(transaction, place, [each for each in found if each is not None], now)

    def _put(self, transaction: Transaction, owner: Owner, indicators: Sequence[dict[str, Any]], now: datetime) -> None:
        newest = {each["id"]: each for each in indicators}
        for id, indicator in newest.items():
            body = {INDICATOR: indicator}
            transaction.put(id=owner.id(id), type=TI_INDICATOR, scope=owner.scope, name=id, body=body)
        sent = [
            Sent(id, indicator_properties(each, owner.name), graph=each)
            for id, each in newest.items()
            if each["targetProduct"] in _FOR_SENTINEL
        ]
        for workspace in destinations(transaction, self.workspaces.all()) if sent else ():
            put_indicators(transaction, Place(workspace, self.tenant_id), sent, Origin(_METHOD, owner.by), now)


def by_external_id(transaction: Transaction, owner: Owner, ids: Sequence[str]) -> list[Document]:
    """The indicators of an application with these external ids."""
    return transaction.list(TI_INDICATOR, owner.scope, where=In((INDICATOR, "externalId"), tuple(ids)))

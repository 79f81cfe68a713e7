// The entities of an incident: chips by kind, the graph of who was in which alert, and the same as a table.
import { lazy, Suspense, useMemo } from "react";
import { Failed, Loading } from "~/parts/states";
import { Tabs } from "~/parts/tabs";
import { useParameter } from "~/shell/address";
import { kindText } from "./kindText";
import { entityName } from "./entityValue";
import { shownGraph, MOST_NODES } from "./graphOf";
import type { Entity, Incident } from "./model";
import { usePart } from "./queries";

const EntityGraph = lazy(() => import("./EntityGraph"));
const VIEWS = [
  { key: "graph", label: "Graph" },
  { key: "table", label: "Table" },
];

export function Chips({ incident, open }: { incident: Incident; open: (name: string) => void }) {
  const entities = usePart(incident.id, "entities");
  if (entities.isPending) return <Loading what="entities" />;
  if (entities.isError) return <Failed error={entities.error} again={() => void entities.refetch()} />;
  const kinds = new Map<string, Entity[]>();
  for (const entity of entities.data) kinds.set(entity.kind, [...(kinds.get(entity.kind) ?? []), entity]);
  if (kinds.size === 0)
    return (
      <small className="faint">No entities: a rule that maps columns to them (its page, Entities) names some.</small>
    );
  return (
    <dl className="chips">
      {[...kinds].map(([kind, members]) => (
        <div key={kind}>
          <dt>{kindText(kind)}</dt>
          <dd>
            {members.map((entity) => (
              <EntityChip key={entity.id} entity={entity} open={open} />
            ))}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function EntityChip({ entity, open }: { entity: Entity; open: (name: string) => void }) {
  const name = entityName(entity);
  return (
    <button type="button" className="chip" title={name.slice(0, 500)} onClick={() => open(entity.name)}>
      <bdi>{name.length > 60 ? `${name.slice(0, 60)}…` : name}</bdi>
    </button>
  );
}

export function Entities(props: { incident: Incident; open: (id: string) => void; focus: number }) {
  const { incident, open, focus } = props;
  const graph = usePart(incident.id, "graph");
  const [view, setView] = useParameter("view", "graph");
  const shown = useMemo(() => graph.data && shownGraph(graph.data), [graph.data]);
  if (graph.isPending || !shown) return graph.isError ? <Failed error={graph.error} /> : <Loading what="the graph" />;
  if (graph.isError) return <Failed error={graph.error} again={() => void graph.refetch()} />;
  if (shown.nodes.length === 0) return <p className="faint">No alert and no entity is in the incident.</p>;
  const all = graph.data.nodes.length - 1;
  return (
    <Tabs label="Entities as" tabs={VIEWS} chosen={view} choose={setView}>
      {view === "table" ? (
        <Twin graph={shownGraph(graph.data, Infinity)} open={open} />
      ) : (
        <>
          {all > MOST_NODES && (
            <p className="warn">
              {all.toLocaleString("en")} alerts and entities: those with the most in common are shown by themselves, the
              others by their kind. The table has all.
            </p>
          )}
          <Suspense fallback={<Loading what="the graph" />}>
            <EntityGraph graph={shown} open={open} asked={focus} />
          </Suspense>
        </>
      )}
    </Tabs>
  );
}

/** What the graph shows, in rows. */
function Twin({ graph, open }: { graph: ReturnType<typeof shownGraph>; open: (id: string) => void }) {
  const names = new Map(graph.nodes.map((node) => [node.id, node.friendlyName]));
  return (
    <div className="twin">
      <table>
        <thead>
          <tr>
            <th scope="col">Kind</th>
            <th scope="col">Name</th>
            <th scope="col">With</th>
          </tr>
        </thead>
        <tbody>
          {graph.nodes.map((node) => (
            <tr key={node.id}>
              <td>{kindText(node.kind)}</td>
              <td aria-label={node.friendlyName}>
                <button type="button" className="link" onClick={() => open(node.id)}>
                  <bdi>{node.friendlyName}</bdi>
                </button>
              </td>
              <td>
                {node.neighbours.slice(0, 20).map((id) => (
                  <div key={id}>
                    <bdi>{names.get(id)}</bdi>
                  </div>
                ))}
                {node.neighbours.length > 20 && `and ${node.neighbours.length - 20} more`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

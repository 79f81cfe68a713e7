// What belongs to a hunt: its queries, and what was said about it.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Resource } from "~/api/arm";
import { Gated } from "~/parts/gated";
import { Markdown } from "~/parts/Markdown";
import { Failed } from "~/parts/states";
import { failed } from "~/parts/toast";
import { useGo } from "~/shell/address";
import { usePlace } from "~/shell/place";
import type { Hunt } from "./Hunts";
import type { HuntingQuery } from "./query";

const PROVIDER = "Microsoft.SecurityInsights";
const COMMENT = "Microsoft.SecurityInsights/hunts/comments/write";
const UNRELATE = "Microsoft.SecurityInsights/hunts/relations/delete";

type Relation = Resource<{
  readonly relatedResourceId: string;
  readonly relatedResourceName?: string;
  readonly relatedResourceType?: string;
}>;
type Comment = Resource<{ readonly message: string }>;

export function HuntRelations({ hunt, queries }: { hunt: Hunt; queries: readonly HuntingQuery[] }) {
  const { arm } = usePlace();
  const client = useQueryClient();
  const go = useGo();
  const [message, setMessage] = useState("");
  const relations = useQuery({
    queryKey: ["huntRelations", hunt.id],
    queryFn: ({ signal }) => arm.list<Relation>(`${hunt.id}/relations`, PROVIDER, {}, signal),
  });
  const comments = useQuery({
    queryKey: ["huntComments", hunt.id],
    queryFn: ({ signal }) => arm.list<Comment>(`${hunt.id}/comments`, PROVIDER, {}, signal),
  });
  const remove = (relation: Relation): void =>
    void arm.remove(relation.id, PROVIDER).then(
      () => client.invalidateQueries({ queryKey: ["huntRelations", hunt.id] }),
      (error: unknown) => failed("It stays with the hunt.", error),
    );
  const say = (): void => {
    if (!message.trim()) return;
    arm.put(`${hunt.id}/comments/${crypto.randomUUID()}`, PROVIDER, { properties: { message } }).then(
      () => {
        setMessage("");
        void client.invalidateQueries({ queryKey: ["huntComments", hunt.id] });
      },
      (error: unknown) => failed("The comment was not kept.", error),
    );
  };
  const nameOf = ({ properties }: Relation): string =>
    queries.find(({ saved }) => saved?.id.toLowerCase() === properties.relatedResourceId.toLowerCase())?.displayName ??
    properties.relatedResourceName ??
    properties.relatedResourceId;
  return (
    <>
      <h3>Queries and findings</h3>
      {relations.isError && <Failed error={relations.error} />}
      {relations.data?.length === 0 && <p className="faint">None yet. q adds a query.</p>}
      {relations.data?.map((relation) => (
        <p key={relation.name} className="row">
          <button
            type="button"
            onClick={() => go(`hunting?at=${encodeURIComponent(relation.properties.relatedResourceName ?? "")}`)}
          >
            {nameOf(relation)}
          </button>
          <Gated action={UNRELATE} aria-label={`Take ${nameOf(relation)} out`} onClick={() => remove(relation)}>
            ×
          </Gated>
        </p>
      ))}
      <h3>Comments</h3>
      {comments.isError && <Failed error={comments.error} />}
      {comments.data?.map(({ name, properties }) => (
        <Markdown key={name} text={properties.message} />
      ))}
      <div className="row">
        <input aria-label="Comment on the hunt" value={message} onChange={(event) => setMessage(event.target.value)} />
        <Gated action={COMMENT} disabled={!message.trim()} onClick={say}>
          Say it
        </Gated>
      </div>
    </>
  );
}

// The form of a bookmark: name, note, tags, times, query, entities, tactics.
import { useState } from "react";
import { ENTITY_KINDS } from "~/parts/entityKinds";
import { FormDialog, ListField, TextField } from "~/parts/form";
import { WRITE, type Bookmark, type BookmarkProperties, type EntityMapping } from "./bookmark";
import type { BookmarkChanges } from "./changes";

const NEW: BookmarkProperties = { displayName: "", query: "", labels: [] };

export function BookmarkForm(props: { bookmark?: Bookmark; changes: BookmarkChanges; close: () => void }) {
  const { bookmark } = props;
  const [properties, setProperties] = useState<BookmarkProperties>(bookmark?.properties ?? NEW);
  const set = (change: Partial<BookmarkProperties>): void => setProperties((before) => ({ ...before, ...change }));
  const problem = properties.displayName.trim() && properties.query.trim() ? undefined : "It needs a name and a query.";
  return (
    <FormDialog
      title={bookmark ? `Bookmark “${bookmark.properties.displayName}”` : "New bookmark"}
      close={props.close}
      action={WRITE}
      wide
      {...(problem ? { problem } : {})}
      send={() => props.changes.save(bookmark?.name ?? crypto.randomUUID(), cleaned(properties), bookmark?.etag)}
    >
      <div className="pair">
        <TextField label="Name" required value={properties.displayName} set={(displayName) => set({ displayName })} />
        <ListField label="Tags" value={properties.labels ?? []} set={(labels) => set({ labels })} />
      </div>
      <TextField
        label="Note"
        hint="Markdown."
        lines={3}
        value={properties.notes ?? ""}
        set={(notes) => set({ notes })}
      />
      <TextField label="Query" required mono lines={4} value={properties.query} set={(query) => set({ query })} />
      <div className="pair">
        <TextField
          label="Query from (UTC)"
          placeholder="2026-11-22T00:00:00Z"
          value={properties.queryStartTime ?? ""}
          set={(queryStartTime) => set({ queryStartTime })}
        />
        <TextField
          label="Query to (UTC)"
          placeholder="2026-11-23T00:00:00Z"
          value={properties.queryEndTime ?? ""}
          set={(queryEndTime) => set({ queryEndTime })}
        />
      </div>
      <div className="pair">
        <TextField
          label="Event time (UTC)"
          placeholder="2026-11-22T03:01:00Z"
          value={properties.eventTime ?? ""}
          set={(eventTime) => set({ eventTime })}
        />
        <ListField
          label="Techniques"
          value={properties.techniques ?? []}
          set={(techniques) => set({ techniques })}
          hint="Such as T1110."
        />
      </div>
      <ListField
        label="Tactics"
        value={properties.tactics ?? []}
        set={(tactics) => set({ tactics })}
        hint="Such as CredentialAccess."
      />
      <Mappings value={properties.entityMappings ?? []} set={(entityMappings) => set({ entityMappings })} />
    </FormDialog>
  );
}

/** A time that was left empty is none. */
function cleaned(properties: BookmarkProperties): BookmarkProperties {
  const kept = Object.entries(properties).filter(([name, value]) => !(name.endsWith("Time") && value === ""));
  return Object.fromEntries(kept) as unknown as BookmarkProperties;
}

function Mappings({ value, set }: { value: readonly EntityMapping[]; set: (value: EntityMapping[]) => void }) {
  const change = (at: number, mapping: EntityMapping): void =>
    set(value.map((each, index) => (index === at ? mapping : each)));
  return (
    <fieldset className="form">
      <legend>Entities</legend>
      {value.map((mapping, at) => (
        <div key={at} className="row">
          <select
            aria-label={`Kind of entity ${at + 1}`}
            value={mapping.entityType}
            onChange={(event) => {
              const identifier = ENTITY_KINDS[event.target.value]?.[0] ?? "Name";
              change(at, {
                entityType: event.target.value,
                fieldMappings: [{ identifier, value: mapping.fieldMappings[0]?.value ?? "" }],
              });
            }}
          >
            {[...new Set([...Object.keys(ENTITY_KINDS), mapping.entityType])].map((kind) => (
              <option key={kind}>{kind}</option>
            ))}
          </select>
          {mapping.fieldMappings.map((field, index) => {
            const put = (next: typeof field): void =>
              change(at, {
                ...mapping,
                fieldMappings: mapping.fieldMappings.map((each, i) => (i === index ? next : each)),
              });
            return (
              <span key={index} className="row">
                <select
                  aria-label={`Identifier ${index + 1} of entity ${at + 1}`}
                  value={field.identifier}
                  onChange={(event) => put({ ...field, identifier: event.target.value })}
                >
                  {[...new Set([...(ENTITY_KINDS[mapping.entityType] ?? []), field.identifier])].map((each) => (
                    <option key={each}>{each}</option>
                  ))}
                </select>
                <input
                  aria-label={`Value ${index + 1} of entity ${at + 1}`}
                  value={field.value}
                  onChange={(event) => put({ ...field, value: event.target.value })}
                />
              </span>
            );
          })}
          {mapping.fieldMappings.length < 3 && (
            <button
              type="button"
              onClick={() =>
                change(at, {
                  ...mapping,
                  fieldMappings: [
                    ...mapping.fieldMappings,
                    {
                      identifier: ENTITY_KINDS[mapping.entityType]?.[mapping.fieldMappings.length] ?? "Name",
                      value: "",
                    },
                  ],
                })
              }
            >
              + identifier
            </button>
          )}
          <button
            type="button"
            aria-label={`Remove entity ${at + 1}`}
            onClick={() => set(value.filter((_, i) => i !== at))}
          >
            ×
          </button>
        </div>
      ))}
      <div>
        <button
          type="button"
          onClick={() => set([...value, { entityType: "Account", fieldMappings: [{ identifier: "Name", value: "" }] }])}
        >
          Add an entity
        </button>
      </div>
    </fieldset>
  );
}

// The list of indicators, by criteria that the server applies.
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useMemo, useState } from "react";
import { useActions, useScope } from "~/keys/useKeys";
import { counted } from "~/parts/changes";
import { FormDialog, ListField } from "~/parts/form";
import { Gated, useGuard } from "~/parts/gated";
import { useList, type ListColumn } from "~/parts/list";
import { ListDetail } from "~/parts/ListDetail";
import { Instant } from "~/parts/time";
import { changeParameters, useParameter } from "~/shell/address";
import { useOpenQuery } from "~/shell/openQuery";
import { usePlace } from "~/shell/place";
import { IndicatorChanges } from "./changes";
import { CREATE, DELETE, PAGE, seenQuery, TAG, valuesOf, WRITE, type Indicator } from "./indicator";
import { IndicatorDetail } from "./IndicatorDetail";
import { INDICATORS } from "./keys";
import { useIndicators, useMetrics, useSettled } from "./useIndicators";

const IndicatorForm = lazy(() => import("./IndicatorForm"));

const COLUMNS: readonly ListColumn<Indicator>[] = [
  { key: "value", title: "Value", width: 190, cell: ({ properties }) => <span className="mono">{valuesOf(properties).join(", ") || properties.pattern}</span> }, // prettier-ignore
  { key: "type", title: "Kind", width: 100, cell: ({ properties }) => properties.patternType, sort: ({ properties }) => properties.patternType ?? "" }, // prettier-ignore
  { key: "name", title: "Name", width: 150, cell: ({ properties }) => properties.displayName, sort: ({ properties }) => properties.displayName ?? "" }, // prettier-ignore
  { key: "confidence", title: "Conf.", width: 66, align: "right", cell: ({ properties }) => properties.confidence, sort: ({ properties }) => properties.confidence ?? -1 }, // prettier-ignore
  {
    key: "until",
    title: "Valid until",
    width: 176,
    cell: ({ properties }) =>
      properties.revoked ? <span className="bad">revoked</span> : <Instant value={properties.validUntil} />,
    sort: ({ properties }) => properties.validUntil ?? "",
  },
  { key: "source", title: "Source", width: 120, cell: ({ properties }) => properties.source, sort: ({ properties }) => properties.source ?? "" }, // prettier-ignore
  { key: "tags", title: "Tags", width: 140, cell: ({ properties }) => properties.threatIntelligenceTags?.join(", ") },
  { key: "changed", title: "Changed", width: 176, cell: ({ properties }) => <Instant value={properties.lastUpdatedTimeUtc} />, sort: ({ properties }) => properties.lastUpdatedTimeUtc ?? "" }, // prettier-ignore
];

type Open = "new" | "edit" | "tag" | "revoke" | undefined;

export function IndicatorList() {
  const place = usePlace();
  const client = useQueryClient();
  const guard = useGuard();
  const openQuery = useOpenQuery();
  const [open, setOpen] = useState<Open>();
  const changes = useMemo(() => new IndicatorChanges(place, client), [place, client]);
  const [keywords] = useParameter("q");
  const [type] = useParameter("type");
  const [source] = useParameter("source");
  const [threat] = useParameter("threat");
  const [confidence] = useParameter("confidence");
  const [expires] = useParameter("expires");
  const [revoked] = useParameter("revoked");
  const [sort] = useParameter("sort", "-changed");
  const settled = useSettled(keywords);
  const asked = useIndicators({ keywords: settled, type, source, threat, confidence, expires, revoked, sort });
  const metrics = useMetrics().data;
  const list = useList({
    items: asked.data?.indicators,
    columns: COLUMNS,
    order: "-changed",
    keyOf: ({ name }) => name,
    textOf: ({ properties }) => JSON.stringify(properties),
  });
  const { acted, current } = list;
  const isFiltered = [settled, type, source, threat, confidence, expires].some(Boolean);
  const none = acted.length === 0;
  const show = (what: Open, action: string) => (): void => {
    if (what === "new" || !none) guard(action, () => setOpen(what));
  };
  const query = (): void => {
    if (current) openQuery({ query: seenQuery(current.properties), timespan: "P14D", run: true });
  };
  const remove = (): void => guard(DELETE, () => void changes.remove(acted).then(list.clear));
  useScope(INDICATORS);
  useActions({
    "intelligence.new": show("new", CREATE),
    "intelligence.edit": show("edit", WRITE),
    "intelligence.tag": show("tag", TAG),
    "intelligence.revoke": show("revoke", WRITE),
    "intelligence.query": query,
    "intelligence.delete": remove,
  });
  const close = (): void => setOpen(undefined);
  const options = (of: readonly { readonly metricName: string }[] | undefined): string[] =>
    (of ?? []).map(({ metricName }) => metricName);
  return (
    <>
      <ListDetail
        title="Indicators"
        heading={false}
        list={list}
        asked={asked}
        open={show("edit", WRITE)}
        empty={
          isFiltered
            ? { what: "No indicator passes these filters. Over the API, all of them:", how: `POST ${place.sentinel}/threatIntelligence/main/queryIndicators` } // prettier-ignore
            : { what: "No indicator yet. n makes one, the tab Import takes a file, and so does:", how: "vedette indicators import FILE --source NAME" } // prettier-ignore
        }
        filters={
          <>
            <Filter label="Kind" name="type" value={type} options={options(metrics?.patternTypeMetrics)} />
            <Filter label="Source" name="source" value={source} options={options(metrics?.sourceMetrics)} />
            <Filter label="Threat" name="threat" value={threat} options={options(metrics?.threatTypeMetrics)} />
            <Filter
              label="Confidence"
              name="confidence"
              value={confidence}
              options={["25", "50", "75", "90"]}
              prefix="≥ "
            />
            <select
              aria-label="Validity"
              value={expires}
              onChange={(event) => changeParameters({ expires: event.target.value })}
            >
              <option value="">any validity</option>
              <option value="soon">ends within 7 days</option>
              <option value="over">ended</option>
            </select>
            <label>
              <input
                type="checkbox"
                checked={revoked === "shown"}
                onChange={(event) => changeParameters({ revoked: event.target.checked ? "shown" : "" })}
              />{" "}
              revoked too
            </label>
          </>
        }
        buttons={
          <>
            <Gated action={CREATE} className="primary" onClick={() => setOpen("new")}>
              New <kbd>n</kbd>
            </Gated>
            <Gated action={WRITE} disabled={none} onClick={() => setOpen("edit")}>
              Edit <kbd>e</kbd>
            </Gated>
            <Gated action={TAG} disabled={none} onClick={() => setOpen("tag")}>
              Tag <kbd>l</kbd>
            </Gated>
            <Gated action={WRITE} disabled={none} onClick={() => setOpen("revoke")}>
              Revoke <kbd>r</kbd>
            </Gated>
            <Gated action={DELETE} disabled={none} onClick={remove}>
              Delete
            </Gated>
          </>
        }
        above={
          asked.data?.hasMore ? (
            <p className="warn">The first {PAGE.toLocaleString("en")} are here; search or filter for the others.</p>
          ) : undefined
        }
        detail={(indicator) => <IndicatorDetail indicator={indicator} openQuery={query} />}
      />
      <Suspense fallback={null}>
        {open === "new" && <IndicatorForm changes={changes} close={close} />}
        {open === "edit" && current && <IndicatorForm changes={changes} indicator={current} close={close} />}
      </Suspense>
      {open === "tag" && <TagDialog changes={changes} indicators={acted} close={close} />}
      {open === "revoke" && (
        <FormDialog
          title={`Revoke ${counted(acted.length, "indicator")}`}
          action={WRITE}
          label="Revoke"
          close={close}
          send={() => changes.revoke(acted)}
        >
          <p>One that is revoked stays so: it matches nothing any more, and there is no way back.</p>
        </FormDialog>
      )}
    </>
  );
}

function Filter(props: { label: string; name: string; value: string; options: readonly string[]; prefix?: string }) {
  const all = [...new Set([...props.options, props.value])].filter(Boolean);
  return (
    <select
      aria-label={props.label}
      value={props.value}
      onChange={(event) => changeParameters({ [props.name]: event.target.value })}
    >
      <option value="">any {props.label.toLowerCase()}</option>
      {all.map((each) => (
        <option key={each} value={each}>
          {props.prefix}
          {each}
        </option>
      ))}
    </select>
  );
}

function TagDialog(props: { changes: IndicatorChanges; indicators: readonly Indicator[]; close: () => void }) {
  const [tags, setTags] = useState<string[]>([]);
  return (
    <FormDialog
      title={`Tags for ${counted(props.indicators.length, "indicator")}`}
      action={TAG}
      label="Add"
      close={props.close}
      send={() => props.changes.tag(props.indicators, tags)}
      {...(tags.length === 0 ? { problem: "There is no tag yet." } : {})}
    >
      <ListField label="Tags to add" value={tags} set={setTags} />
    </FormDialog>
  );
}

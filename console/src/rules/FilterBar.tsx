// The filters of the list; each is a value of the address.
import { useRef } from "react";
import { useActions } from "~/keys/useKeys";
import { changeParameters, useParameter } from "~/shell/address";
import { ONLY, SORTS, type Filters } from "./filters";
import { SEVERITIES, TACTICS } from "./model";

export function useFilters(): Filters {
  const [search] = useParameter("q");
  const [kind] = useParameter("kind");
  const [enabled] = useParameter("enabled");
  const [severity] = useParameter("severity");
  const [tactic] = useParameter("tactic");
  const [only] = useParameter("only");
  const [sort] = useParameter("sort", "name");
  return { search, kind, enabled, severity, tactic, only, sort };
}

export const CLEARED = { q: "", kind: "", enabled: "", severity: "", tactic: "", only: "" };

export function FilterBar({ filters, kinds }: { filters: Filters; kinds: readonly string[] }) {
  const search = useRef<HTMLInputElement>(null);
  useActions({ "page.search": () => search.current?.focus() });
  const isFiltered = Object.entries(filters).some(([name, value]) => name !== "sort" && value !== "");
  return (
    <div className="row rule-filters">
      <input
        ref={search}
        type="search"
        aria-label="Search in name, description, query and techniques"
        placeholder="Search  /"
        value={filters.search}
        onChange={(event) => changeParameters({ q: event.target.value })}
        onKeyDown={(event) => {
          if (event.key === "Escape" || event.key === "Enter") event.currentTarget.blur();
        }}
      />
      <Select
        label="Kind"
        name="kind"
        value={filters.kind}
        options={kinds.map((each) => [each, each])}
        any="any kind"
      />
      <Select
        label="Enabled"
        name="enabled"
        value={filters.enabled}
        options={[
          ["true", "enabled"],
          ["false", "disabled"],
        ]}
        any="on or off"
      />
      <Select
        label="Severity"
        name="severity"
        value={filters.severity}
        options={SEVERITIES.map((each) => [each, each])}
        any="any severity"
      />
      <Select
        label="Tactic"
        name="tactic"
        value={filters.tactic}
        options={TACTICS.map((each) => [each, each])}
        any="any tactic"
      />
      <Select label="Only" name="only" value={filters.only} options={Object.entries(ONLY)} any="all" />
      <label>
        by{" "}
        <select value={filters.sort} onChange={(event) => changeParameters({ sort: orNothing(event.target.value) })}>
          {Object.entries(SORTS).map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
      {isFiltered && (
        <button type="button" onClick={() => changeParameters(CLEARED)}>
          Clear
        </button>
      )}
    </div>
  );
}

function orNothing(sort: string): string {
  return sort === "name" ? "" : sort;
}

function Select(props: {
  label: string;
  name: string;
  value: string;
  options: readonly (readonly [string, string])[];
  any: string;
}) {
  return (
    <select
      aria-label={props.label}
      value={props.value}
      className={props.value ? "set" : undefined}
      onChange={(event) => changeParameters({ [props.name]: event.target.value })}
    >
      <option value="">{props.any}</option>
      {props.options.map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  );
}

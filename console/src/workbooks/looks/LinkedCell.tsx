// A cell that leads somewhere: an address, details of the cell or of the row, an incident of this console.
import { useState, type ReactNode } from "react";
import { useGo } from "~/shell/address";
import { safeAddress } from "../model/address";
import type { Formatter } from "../model/formatters";
import { isJson, listOf, objectOf, textOf } from "../model/json";
import { lastOfId } from "../model/substitute";
import { CellDetails } from "./CellDetails";

export type CellLink =
  | { readonly kind: "address"; readonly address: string }
  | { readonly kind: "details"; readonly title: string; readonly value: unknown }
  | { readonly kind: "incident"; readonly name: string };

/** Where a cell leads; undefined when it leads nowhere, or to a page that is not here. */
export function linkOf(
  formatter: Formatter,
  value: unknown,
  row: Readonly<Record<string, unknown>>,
): CellLink | undefined {
  const { options } = formatter;
  const target = textOf(options["linkTarget"]).toLowerCase();
  const column = textOf(options["linkColumn"]);
  const own = column ? row[column] : value;
  switch (target) {
    case "url": {
      const address = safeAddress(textOf(own));
      return address ? { kind: "address", address } : undefined;
    }
    case "celldetails":
      return { kind: "details", title: column || formatter.match, value: own };
    case "genericdetails":
    case "resource":
      return { kind: "details", title: "Row", value: row };
    case "openblade":
      return incidentIn(objectOf(options["bladeOpenContext"]), row);
    case "":
      return formatter.look === "link" ? { kind: "details", title: "Row", value: row } : undefined;
    default:
      return undefined;
  }
}

/** The portal's page of an incident is this console's. */
function incidentIn(context: Readonly<Record<string, unknown>>, row: Readonly<Record<string, unknown>>): CellLink {
  const isIncident = ["caseblade", "incidentpage.reactview"].includes(textOf(context["bladeName"]).toLowerCase());
  const parameter = listOf(context["bladeParameters"])
    .filter(isJson)
    .find((each) => ["id", "incidentarmid"].includes(textOf(each["name"]).toLowerCase()));
  const from = textOf(parameter?.["value"]);
  const id = textOf(parameter?.["source"]) === "column" ? textOf(row[from]) : from;
  return isIncident && id !== ""
    ? { kind: "incident", name: lastOfId(id) }
    : { kind: "details", title: "Row", value: row };
}

export function LinkedCell(props: { link: CellLink; label: string; title: string | undefined; children: ReactNode }) {
  const { link } = props;
  const go = useGo();
  const [open, setOpen] = useState(false);
  const inside = props.label || props.children;
  if (link.kind === "address") {
    return (
      <a href={link.address} target="_blank" rel="noopener noreferrer" title={props.title ?? link.address}>
        {inside}
      </a>
    );
  }
  return (
    <>
      <button
        type="button"
        className="link"
        title={props.title}
        onClick={(event) => {
          event.stopPropagation();
          if (link.kind === "incident") go(`incidents/${encodeURIComponent(link.name)}`);
          else setOpen(true);
        }}
      >
        {inside}
      </button>
      {open && link.kind === "details" && (
        <CellDetails title={link.title} value={link.value} close={() => setOpen(false)} />
      )}
    </>
  );
}

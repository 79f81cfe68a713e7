// Tabs and links: a parameter that is set, an address, a place on the page.
import { useEffect, useMemo, useState } from "react";
import { useCells, useItemPlace, useShown } from "../context";
import { safeAddress } from "../model/address";
import { CellDetails } from "../looks/CellDetails";
import type { Link, LinksItem } from "../model/item";
import { choiceNow } from "../model/scope";
import { namesIn, substitute } from "../model/substitute";
import { plain } from "../model/values";

export function LinksView({ item }: { item: LinksItem }) {
  const { scope } = useItemPlace();
  const shown = useShown();
  const [chosen, setChosen] = useState(() => Number(shown.chosen(item.key) ?? 0) || 0);
  const [details, setDetails] = useState<Link>();
  useCells(
    scope,
    useMemo(() => namesIn(JSON.stringify(item.raw)), [item]),
  );
  const write = (text: string): string => substitute(text, { valueOf: scope.valueOf, into: "text", now: shown.now });
  const areTabs = item.look === "tabs";
  const first = areTabs ? (item.links[chosen] ?? item.links[0]) : undefined;
  useEffect(() => {
    if (first?.target === "parameter" && first.cell) {
      scope.offer(first.cell, item.key, { value: plain(write(first.subTarget), write(first.label)) });
    }
  });
  const set = (link: Link, at: number): void => {
    const owner = areTabs ? scope : (scope.owner(link.cell) ?? scope);
    owner.offer(link.cell, item.key, { value: plain(write(link.subTarget), write(link.label)), at: choiceNow() });
    if (!areTabs) return;
    setChosen(at);
    shown.keep(item.key, at === 0 ? undefined : at);
  };
  return (
    <nav className={`wb-links ${areTabs ? "tabs-look" : item.look}`} aria-label={item.name || "Links"}>
      {item.links.map((link, at) => (
        <span key={link.key}>
          {link.before && <span>{write(link.before)} </span>}
          <OneLink
            link={link}
            label={write(link.label)}
            address={write(link.target.toLowerCase() === "url" ? link.cell : "")}
            isChosen={areTabs && link === first}
            isTab={areTabs}
            set={() => set(link, at)}
            showDetails={() => setDetails(link)}
          />
          {link.after && <span> {write(link.after)}</span>}
        </span>
      ))}
      {details && (
        <CellDetails title={write(details.label)} value={write(details.cell)} close={() => setDetails(undefined)} />
      )}
    </nav>
  );
}

function OneLink(props: {
  link: Link;
  label: string;
  address: string;
  isChosen: boolean;
  isTab: boolean;
  set: () => void;
  showDetails: () => void;
}) {
  const { link, label } = props;
  switch (link.target.toLowerCase()) {
    case "parameter":
      return (
        <button
          type="button"
          className={props.isTab || link.raw["style"] !== "link" ? undefined : "link"}
          aria-pressed={props.isTab ? props.isChosen : undefined}
          onClick={props.set}
        >
          {label}
        </button>
      );
    case "url": {
      const address = safeAddress(props.address);
      return address ? (
        <a href={address} target="_blank" rel="noopener noreferrer">
          {label}
        </a>
      ) : (
        <span title={`This address is not followed: ${props.address}`}>{label}</span>
      );
    }
    case "step":
    case "stepaction":
    case "scrolltostep":
      return (
        <button type="button" className="link" onClick={() => scrollTo(link.subTarget || link.cell)}>
          {label}
        </button>
      );
    case "celldetails":
    case "genericdetails":
      return (
        <button type="button" className="link" onClick={props.showDetails}>
          {label}
        </button>
      );
    default:
      return (
        <button
          type="button"
          aria-disabled
          title={`“${link.target}” opens a page of Azure's portal, which is not here.`}
        >
          {label}
        </button>
      );
  }
}

function scrollTo(name: string): void {
  document.querySelector(`[data-name="${CSS.escape(name)}"]`)?.scrollIntoView({ block: "start" });
}

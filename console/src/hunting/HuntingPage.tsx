// Hunting: queries with what they find, the matrix of ATT&CK, hunts, and queries that are followed live.
import { lazy, Suspense } from "react";
import { Loading } from "~/parts/states";
import { Tabs } from "~/parts/tabs";
import { changeParameters, useParameter } from "~/shell/address";
import "./hunting.css";
import { QueryList } from "./QueryList";

const Matrix = lazy(() => import("./Matrix"));
const Hunts = lazy(() => import("./Hunts"));
const Live = lazy(() => import("./Live"));

const TABS = [
  { key: "queries", label: "Queries" },
  { key: "matrix", label: "ATT&CK" },
  { key: "hunts", label: "Hunts" },
  { key: "live", label: "Live" },
];

export default function HuntingPage() {
  const [view] = useParameter("view", "queries");
  const choose = (key: string): void =>
    changeParameters({ view: key === "queries" ? "" : key, at: "", q: "", sort: "" });
  return (
    <div className="tabpage">
      <h1>Hunting</h1>
      <Tabs label="Hunting" tabs={TABS} chosen={view} choose={choose}>
        <Suspense fallback={<Loading what="the view" />}>
          {view === "matrix" && <Matrix />}
          {view === "hunts" && <Hunts />}
          {view === "live" && <Live />}
          {view === "queries" && <QueryList />}
        </Suspense>
      </Tabs>
    </div>
  );
}

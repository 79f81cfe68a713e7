// Intelligence: indicators, where they were seen, how many there are of each kind, and files of them.
import { lazy, Suspense } from "react";
import { Loading } from "~/parts/states";
import { Tabs } from "~/parts/tabs";
import { changeParameters, useParameter } from "~/shell/address";
import { IndicatorList } from "./IndicatorList";
import "./intelligence.css";

const Matches = lazy(() => import("./Matches"));
const MetricsView = lazy(() => import("./MetricsView"));
const ImportView = lazy(() => import("./ImportView"));

const TABS = [
  { key: "indicators", label: "Indicators" },
  { key: "matches", label: "Matches" },
  { key: "metrics", label: "Metrics" },
  { key: "import", label: "Import" },
];

export default function IntelligencePage() {
  const [view] = useParameter("view", "indicators");
  const choose = (key: string): void =>
    changeParameters({ view: key === "indicators" ? "" : key, at: "", q: "", sort: "" });
  return (
    <div className="tabpage">
      <h1>Intelligence</h1>
      <Tabs label="Intelligence" tabs={TABS} chosen={view} choose={choose}>
        <Suspense fallback={<Loading what="the view" />}>
          {view === "matches" && <Matches />}
          {view === "metrics" && <MetricsView />}
          {view === "import" && <ImportView />}
          {view === "indicators" && <IndicatorList />}
        </Suspense>
      </Tabs>
    </div>
  );
}

// Connectors: how the tables are fed, what feeds them, what went wrong, and how a sender is told where to send.
import { lazy, Suspense } from "react";
import { useActions, useScope } from "~/keys/useKeys";
import { Loading } from "~/parts/states";
import { Tabs } from "~/parts/tabs";
import { changeParameters, useParameter } from "~/shell/address";
import { CONNECTORS } from "./keys";
import "./connectors.css";
import { TableList } from "./TableList";

const ConnectorList = lazy(() => import("./ConnectorList"));
const Errors = lazy(() => import("./Errors"));
const Send = lazy(() => import("./Send"));

const TABS = [
  { key: "tables", label: "Tables" },
  { key: "connectors", label: "Data connectors" },
  { key: "errors", label: "Errors" },
  { key: "send", label: "Send events" },
];

export default function ConnectorsPage() {
  const [view] = useParameter("view", "tables");
  const choose = (key: string): void =>
    changeParameters({ view: key === "tables" ? "" : key, at: "", q: "", sort: "" });
  useScope(CONNECTORS);
  useActions({
    "connectors.view": () => {
      const at = TABS.findIndex(({ key }) => key === view);
      choose(TABS[(at + 1) % TABS.length]?.key ?? "tables");
    },
  });
  return (
    <div className="tabpage">
      <h1>Connectors</h1>
      <Tabs label="Connectors" tabs={TABS} chosen={view} choose={choose}>
        <Suspense fallback={<Loading what="the view" />}>
          {view === "connectors" && <ConnectorList />}
          {view === "errors" && <Errors />}
          {view === "send" && <Send />}
          {view === "tables" && <TableList />}
        </Suspense>
      </Tabs>
    </div>
  );
}

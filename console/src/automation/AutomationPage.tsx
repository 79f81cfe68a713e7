// Automation: rules in the order in which they are carried out, and the playbooks that they run.
import { useActions } from "~/keys/useKeys";
import { Tabs } from "~/parts/tabs";
import { changeParameters, useParameter } from "~/shell/address";
import "./automation.css";
import { Playbooks } from "./Playbooks";
import { RuleList } from "./RuleList";

const TABS = [
  { key: "rules", label: "Rules" },
  { key: "playbooks", label: "Playbooks" },
];

export default function AutomationPage() {
  const [view] = useParameter("view", "rules");
  const choose = (key: string): void => changeParameters({ view: key === "rules" ? "" : key, at: "", q: "", sort: "" });
  useActions({ "automation.view": () => choose(view === "rules" ? "playbooks" : "rules") });
  return (
    <div className="tabpage">
      <h1>Automation</h1>
      <Tabs label="Automation" tabs={TABS} chosen={view} choose={choose}>
        {view === "playbooks" ? <Playbooks /> : <RuleList />}
      </Tabs>
    </div>
  );
}

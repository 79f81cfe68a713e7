// Rules as a file: an ARM template, or YAML as the Azure-Sentinel repository has it.
import { useState } from "react";
import { copy } from "~/parts/clipboard";
import { Dialog } from "~/parts/dialog";
import { download } from "~/parts/download";
import { Tabs } from "~/parts/tabs";
import { toTemplate } from "./arm_template";
import type { Rule } from "./model";
import { toYaml } from "./yaml_form";

const SHOWN = 20_000; // characters in the page; the file has all

export default function ExportDialog({ rules, close }: { rules: readonly Rule[]; close: () => void }) {
  const [form, setForm] = useState("arm");
  const named = rules.map((rule) => ({
    name: rule.name,
    kind: rule.kind ?? "Scheduled",
    properties: rule.properties,
  }));
  const text = form === "arm" ? `${JSON.stringify(toTemplate(named), undefined, 2)}\n` : toYaml(named);
  const file = `${rules.length === 1 ? rules[0]!.name : "rules"}${form === "arm" ? ".json" : ".yaml"}`;
  return (
    <Dialog
      title={rules.length === 1 ? `Export “${rules[0]!.properties.displayName}”` : `Export ${rules.length} rules`}
      close={close}
      wide
    >
      <Tabs
        label="Form"
        tabs={[
          { key: "arm", label: "ARM template" },
          { key: "yaml", label: "YAML" },
        ]}
        chosen={form}
        choose={setForm}
      >
        <textarea
          className="mono export-text"
          readOnly
          rows={16}
          aria-label={file}
          value={text.length > SHOWN ? `${text.slice(0, SHOWN)}\n… the rest is in the file` : text}
        />
      </Tabs>
      <p className="row">
        <button type="button" className="primary" onClick={() => download(file, "text/plain;charset=utf-8", text)}>
          Download {file}
        </button>
        <button type="button" onClick={() => copy(text)}>
          Copy
        </button>
        <button type="button" onClick={close}>
          Close
        </button>
      </p>
    </Dialog>
  );
}

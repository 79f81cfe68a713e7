// How a sender is told where to send: data collection rules and endpoints, the key for those who may see it, texts to copy.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Resource } from "~/api/arm";
import { each } from "~/parts/changes";
import { copy } from "~/parts/clipboard";
import { Code, Facts } from "~/parts/facts";
import { Gated } from "~/parts/gated";
import { Failed } from "~/parts/states";
import { failed } from "~/parts/toast";
import { usePlace } from "~/shell/place";
import { snippets } from "./snippets";

const KEYS = "Microsoft.OperationalInsights/workspaces/sharedKeys/action";
const VERSION = "Microsoft.Insights/dataCollectionRules";

interface RuleProperties {
  readonly immutableId?: string;
  readonly endpoints?: { readonly logsIngestion?: string };
  readonly dataFlows?: readonly { readonly streams?: readonly string[]; readonly outputStream?: string }[];
}

interface EndpointProperties {
  readonly logsIngestion?: { readonly endpoint?: string };
}

export default function Send() {
  const { arm, workspace, session } = usePlace();
  const [chosen, setChosen] = useState("");
  const [key, setKey] = useState("");
  const rules = useVisible<RuleProperties>("dataCollectionRules");
  const endpoints = useVisible<EndpointProperties>("dataCollectionEndpoints");
  const streams = (rules.data ?? []).flatMap((rule) =>
    (rule.properties.dataFlows ?? []).flatMap(({ streams: named, outputStream }) =>
      (named ?? []).map((stream) => ({ key: `${rule.name} ${stream}`, rule, stream, outputStream })),
    ),
  );
  const stream = streams.find((one) => one.key === chosen) ?? streams[0];
  const texts = snippets({
    origin: location.origin,
    tenantId: session.config.tenantId,
    workspaceId: workspace.customerId,
    key: "<the workspace's key>",
    ...(stream
      ? {
          rule: {
            immutableId: stream.rule.properties.immutableId ?? "",
            stream: stream.stream,
            endpoint: stream.rule.properties.endpoints?.logsIngestion ?? location.origin,
          },
        }
      : {}),
  });
  const show = (): void =>
    void arm
      .post<{ primarySharedKey: string }>(`${workspace.id}/sharedKeys`, "Microsoft.OperationalInsights")
      .then(({ primarySharedKey }) => setKey(primarySharedKey))
      .catch((error: unknown) => failed("The key was not given.", error));
  return (
    <div className="send">
      <section>
        <h2>Workspace</h2>
        <Facts
          of={[
            ["Address", <code key="a">{location.origin}</code>],
            ["Workspace id", <code key="w">{workspace.customerId}</code>],
            ["Tenant id", <code key="t">{session.config.tenantId}</code>],
            ["Key", key ? <code key="k">{key}</code> : <span className="faint">not shown</span>],
          ]}
        />
        <p className="row">
          <Gated action={KEYS} onClick={key ? () => setKey("") : show}>
            {key ? "Hide the key" : "Show the key"}
          </Gated>
          {key && (
            <button type="button" onClick={() => copy(key, "Key copied")}>
              Copy the key
            </button>
          )}
        </p>
        <p className="faint">Whoever has the key can send into custom tables. The texts below leave it out.</p>
        <h2>Data collection rules</h2>
        {rules.isError && <Failed error={rules.error} />}
        {rules.data?.length === 0 && (
          <p className="faint">
            None that you may read (Microsoft.Insights/dataCollectionRules/read). A template or a solution makes one.
          </p>
        )}
        <Facts
          of={streams.map((each) => [
            each.rule.name,
            `${each.stream} → ${each.outputStream ?? each.stream}, ${each.rule.properties.immutableId ?? ""}`,
          ])}
        />
        <h2>Data collection endpoints</h2>
        {endpoints.isError && <Failed error={endpoints.error} />}
        {endpoints.data?.length === 0 && <p className="faint">None; rules have endpoints of their own.</p>}
        <Facts of={(endpoints.data ?? []).map((each) => [each.name, each.properties.logsIngestion?.endpoint])} />
      </section>
      <section>
        {streams.length > 0 && (
          <p>
            <label>
              Stream{" "}
              <select value={stream?.key ?? ""} onChange={(event) => setChosen(event.target.value)}>
                {streams.map((each) => (
                  <option key={each.key} value={each.key}>
                    {each.rule.name}: {each.stream}
                  </option>
                ))}
              </select>
            </label>
          </p>
        )}
        {texts.map(({ key: name, title, text }) => (
          <div key={name}>
            <h3>{title}</h3>
            <Code text={text} label={`Copy ${title}`} />
          </div>
        ))}
      </section>
    </div>
  );
}

/** The resources of a type that the person may read: the list of all resources leaves out what they may not. */
function useVisible<P>(type: "dataCollectionRules" | "dataCollectionEndpoints") {
  const { arm, workspace } = usePlace();
  return useQuery({
    queryKey: [type, workspace.subscriptionId],
    queryFn: async ({ signal }) => {
      const found = await arm.list<Resource>(
        `/subscriptions/${workspace.subscriptionId}/resources`,
        "Microsoft.Resources",
        { $filter: `resourceType eq 'Microsoft.Insights/${type}'` },
        signal,
      );
      const read = await each(found, ({ id }) => arm.get<Resource<P>>(id, VERSION, signal));
      if (read.failures[0]) throw read.failures[0].error;
      return read.done.map(({ value }) => value);
    },
  });
}

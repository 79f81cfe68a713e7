// The actions of a rule, in the order in which they are done.
import { ListField, SelectField, TextField } from "~/parts/form";
import { newAction, REASONS, SEVERITIES, STATUSES, type Action, type ModifyConfiguration } from "./rule";
import { usePlaybooks } from "./usePlaybooks";

const KINDS: readonly (readonly [Action["actionType"], string])[] = [
  ["ModifyProperties", "change the incident"],
  ["AddIncidentTask", "add a task"],
  ["RunPlaybook", "run a playbook"],
];

export function ActionsEditor(props: {
  onlyPlaybooks: boolean;
  value: readonly Action[];
  set: (value: Action[]) => void;
}) {
  const { value } = props;
  const replace = (at: number, action: Action): void =>
    props.set(value.map((each, index) => (index === at ? action : each)));
  const swap = (at: number): void => {
    const next = [...value];
    const [one, two] = [next[at - 1], next[at]];
    if (one && two) [next[at - 1], next[at]] = [two, one];
    props.set(next);
  };
  return (
    <fieldset className="form">
      <legend>Actions</legend>
      {value.map((action, at) => (
        <div key={at} className="condition">
          <div className="form">
            <strong>
              {at + 1}. {KINDS.find(([kind]) => kind === action.actionType)?.[1] ?? action.actionType}
            </strong>
            <One action={action} set={(next) => replace(at, next)} />
          </div>
          <span>
            {at > 0 && (
              <button type="button" aria-label={`Do action ${at + 1} earlier`} onClick={() => swap(at)}>
                ▲
              </button>
            )}
            <button
              type="button"
              aria-label={`Remove action ${at + 1}`}
              onClick={() => props.set(value.filter((_, index) => index !== at))}
            >
              ×
            </button>
          </span>
        </div>
      ))}
      <div>
        <select
          aria-label="Add an action"
          value=""
          onChange={(event) =>
            props.set([...value, newAction(event.target.value as Action["actionType"], value.length + 1)])
          }
        >
          <option value="">Add an action …</option>
          {KINDS.filter(([kind]) => !props.onlyPlaybooks || kind === "RunPlaybook").map(([kind, text]) => (
            <option key={kind} value={kind}>
              {text}
            </option>
          ))}
        </select>
      </div>
    </fieldset>
  );
}

function One({ action, set }: { action: Action; set: (action: Action) => void }) {
  switch (action.actionType) {
    case "AddIncidentTask":
      return (
        <>
          <TextField
            label="Title of the task"
            required
            value={action.actionConfiguration.title}
            set={(title) => set({ ...action, actionConfiguration: { ...action.actionConfiguration, title } })}
          />
          <TextField
            label="Description of the task"
            lines={2}
            value={action.actionConfiguration.description ?? ""}
            set={(description) =>
              set({ ...action, actionConfiguration: { ...action.actionConfiguration, description } })
            }
          />
        </>
      );
    case "RunPlaybook":
      return (
        <Playbook
          value={action.actionConfiguration.logicAppResourceId}
          set={(logicAppResourceId) =>
            set({ ...action, actionConfiguration: { ...action.actionConfiguration, logicAppResourceId } })
          }
        />
      );
    case "ModifyProperties":
      return (
        <Modify
          value={action.actionConfiguration}
          set={(actionConfiguration) => set({ ...action, actionConfiguration })}
        />
      );
    default:
      return <code>{JSON.stringify(action)}</code>;
  }
}

function Playbook({ value, set }: { value: string; set: (value: string) => void }) {
  const playbooks = usePlaybooks().data ?? [];
  const known = playbooks.map(({ id, name }) => [id, name] as const);
  const isKnown = known.some(([id]) => id.toLowerCase() === value.toLowerCase());
  return (
    <SelectField
      label="Playbook"
      value={known.find(([id]) => id.toLowerCase() === value.toLowerCase())?.[0] ?? value}
      set={set}
      options={[["", "choose …"], ...(value && !isKnown ? [[value, `${value} (not there)`] as const] : []), ...known]}
      hint="Adding one takes Microsoft.Logic/workflows/triggers/listCallbackUrl/action on it."
    />
  );
}

/** An owner as a person types it: a name with an @ is a user, a GUID an object. */
function ownerOf(text: string): ModifyConfiguration["owner"] | undefined {
  if (!text) return undefined;
  if (/^[0-9a-f-]{36}$/i.test(text)) return { objectId: text };
  return text.includes("@") ? { userPrincipalName: text } : { assignedTo: text };
}

function Modify({ value, set }: { value: ModifyConfiguration; set: (value: ModifyConfiguration) => void }) {
  const put = (name: keyof ModifyConfiguration, given: unknown): void => {
    const next: Record<string, unknown> = { ...value, [name]: given };
    if (given === undefined || given === "") delete next[name];
    if (name === "classification") delete next["classificationReason"];
    set(next as ModifyConfiguration);
  };
  const any = (options: readonly string[]): readonly (readonly [string, string])[] => [
    ["", "as it is"],
    ...options.map((each) => [each, each] as const),
  ];
  const owner = value.owner;
  return (
    <>
      <div className="pair">
        <SelectField
          label="Severity"
          value={value.severity ?? ""}
          set={(text) => put("severity", text)}
          options={any(SEVERITIES)}
        />
        <SelectField
          label="Status"
          value={value.status ?? ""}
          set={(text) => put("status", text)}
          options={any(STATUSES)}
        />
      </div>
      {value.status === "Closed" && (
        <>
          <div className="pair">
            <SelectField
              label="Classification"
              value={value.classification ?? ""}
              set={(text) => put("classification", text)}
              options={any(Object.keys(REASONS))}
            />
            <SelectField
              label="Reason"
              value={value.classificationReason ?? ""}
              set={(text) => put("classificationReason", text)}
              options={any(REASONS[value.classification ?? ""] ?? [])}
            />
          </div>
          <TextField
            label="Closing comment"
            value={value.classificationComment ?? ""}
            set={(text) => put("classificationComment", text)}
          />
        </>
      )}
      <div className="pair">
        <TextField
          label="Owner"
          value={owner?.userPrincipalName ?? owner?.objectId ?? owner?.assignedTo ?? ""}
          set={(text) => put("owner", ownerOf(text.trim()))}
          hint="A user's name, such as ana@contoso.example, or an object id. Empty is as it is."
        />
        <ListField
          label="Labels to add"
          value={(value.labels ?? []).map(({ labelName }) => labelName)}
          set={(names) => put("labels", names.length > 0 ? names.map((labelName) => ({ labelName })) : undefined)}
        />
      </div>
    </>
  );
}

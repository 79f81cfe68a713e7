// ARM deployments as the management API has them, and what is asked of them.
// https://learn.microsoft.com/rest/api/resources/deployments
import type { Arm, Resource } from "~/api/arm";
import type { Workspace } from "~/api/workspaces";

export interface ErrorInfo {
  readonly code?: string;
  readonly message?: string;
  readonly target?: string;
  readonly details?: readonly ErrorInfo[];
}

export interface DeploymentProperties {
  readonly provisioningState: string;
  readonly timestamp?: string;
  readonly duration?: string;
  readonly mode?: string;
  readonly correlationId?: string;
  readonly parameters?: Readonly<Record<string, { readonly type?: string; readonly value?: unknown }>>;
  readonly outputs?: Readonly<Record<string, { readonly type?: string; readonly value?: unknown }>>;
  readonly outputResources?: readonly { readonly id: string }[];
  readonly error?: ErrorInfo;
}

export type Deployment = Resource<DeploymentProperties>;

export interface Operation {
  readonly id: string;
  readonly operationId: string;
  readonly properties: {
    readonly provisioningState: string;
    readonly provisioningOperation?: string;
    readonly timestamp?: string;
    readonly duration?: string;
    readonly statusMessage?: { readonly error?: ErrorInfo } | string | null;
    readonly targetResource?: { readonly id: string; readonly resourceType: string; readonly resourceName: string };
  };
}

export type Scope = "group" | "subscription";

const VERSION = "Microsoft.Resources/deployments";
export const WRITE = "Microsoft.Resources/deployments/write";
export const CANCEL = "Microsoft.Resources/deployments/cancel/action";

/** The id under which a scope's deployments are. */
export function deploymentsIn(workspace: Workspace, scope: Scope): string {
  const subscription = `/subscriptions/${workspace.subscriptionId}`;
  const place = scope === "group" ? `${subscription}/resourceGroups/${workspace.resourceGroup}` : subscription;
  return `${place}/providers/Microsoft.Resources/deployments`;
}

export function listDeployments(
  arm: Arm,
  workspace: Workspace,
  scope: Scope,
  signal?: AbortSignal,
): Promise<Deployment[]> {
  return arm.list<Deployment>(deploymentsIn(workspace, scope), VERSION, {}, signal, 800);
}

export function listOperations(arm: Arm, deploymentId: string, signal?: AbortSignal): Promise<Operation[]> {
  return arm.list<Operation>(`${deploymentId}/operations`, VERSION, {}, signal);
}

export function cancel(arm: Arm, id: string): Promise<unknown> {
  return arm.post(`${id}/cancel`, VERSION);
}

export interface Request {
  readonly name: string;
  readonly scope: Scope;
  readonly mode: "Incremental" | "Complete";
  readonly template: unknown;
  readonly parameters: unknown;
}

function bodyOf(request: Request, workspace: Workspace): unknown {
  return {
    ...(request.scope === "subscription" ? { location: workspace.location } : {}),
    properties: { mode: request.mode, template: request.template, parameters: request.parameters },
  };
}

function idOf(request: Request, workspace: Workspace): string {
  return `${deploymentsIn(workspace, request.scope)}/${encodeURIComponent(request.name)}`;
}

/** Raises ApiError with what is wrong with the template. */
export async function validate(arm: Arm, workspace: Workspace, request: Request): Promise<void> {
  await arm.post(`${idOf(request, workspace)}/validate`, VERSION, bodyOf(request, workspace));
}

export async function deploy(arm: Arm, workspace: Workspace, request: Request): Promise<Deployment> {
  return (await arm.put<Deployment>(idOf(request, workspace), VERSION, bodyOf(request, workspace))).body;
}

export type ChangeType =
  "Create" | "Modify" | "Delete" | "NoChange" | "Ignore" | "Deploy" | "Unsupported" | "NoEffect" | "Array";

export interface PropertyChange {
  readonly path: string;
  readonly propertyChangeType: ChangeType;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly children?: readonly PropertyChange[] | null;
}

export interface Change {
  readonly resourceId: string;
  readonly changeType: ChangeType;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly delta?: readonly PropertyChange[] | null;
  readonly unsupportedReason?: string;
}

export async function whatIf(arm: Arm, workspace: Workspace, request: Request): Promise<readonly Change[]> {
  const body = bodyOf(request, workspace) as { properties: object };
  const answer = await arm.post<{ status?: string; error?: ErrorInfo; properties?: { changes?: readonly Change[] } }>(
    `${idOf(request, workspace)}/whatIf`,
    VERSION,
    { ...body, properties: { ...body.properties, whatIfSettings: { resultFormat: "FullResourcePayloads" } } },
  );
  if (answer.error) throw new Error(`${answer.error.code ?? "Error"}: ${answer.error.message ?? ""}`);
  return answer.properties?.changes ?? [];
}

export interface Line {
  /** What stands before it: + for what comes, - for what goes, ~ for what is another, blank for what stays. */
  readonly mark: "+" | "-" | "~" | " ";
  readonly path: string;
  readonly before?: string;
  readonly after?: string;
}

/** The lines of a change, property by property; paths are joined over nested changes. */
export function linesOf(change: Change): Line[] {
  if (change.delta && change.delta.length > 0) return change.delta.flatMap((each) => propertyLines(each, ""));
  if (change.changeType === "Create")
    return leaves(change.after).map(([path, value]) => ({ mark: "+", path, after: value }));
  if (change.changeType === "Delete")
    return leaves(change.before).map(([path, value]) => ({ mark: "-", path, before: value }));
  return [];
}

function propertyLines(change: PropertyChange, above: string): Line[] {
  const path =
    above === "" ? change.path : /^\d+$/.test(change.path) ? `${above}[${change.path}]` : `${above}.${change.path}`;
  if (change.children && change.children.length > 0)
    return change.children.flatMap((each) => propertyLines(each, path));
  const before = shown(change.before);
  const after = shown(change.after);
  switch (change.propertyChangeType) {
    case "Create":
      return [{ mark: "+", path, after }];
    case "Delete":
      return [{ mark: "-", path, before }];
    case "NoEffect":
      return [{ mark: " ", path, before, after }];
    default:
      return [{ mark: "~", path, before, after }];
  }
}

function leaves(value: unknown, path = ""): [string, string][] {
  if (typeof value !== "object" || value === null) return [[path, shown(value)]];
  const entries = Object.entries(value);
  if (entries.length === 0) return [[path, Array.isArray(value) ? "[]" : "{}"]];
  return entries.flatMap(([key, each]) =>
    leaves(each, Array.isArray(value) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`),
  );
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value);
}

/** Parameters of a file or as typed: the file's form with `$schema`, or the values alone. Raises a SyntaxError. */
export function readParameters(text: string): unknown {
  if (text.trim() === "") return {};
  const value = JSON.parse(text) as Record<string, unknown>;
  const inner = value["parameters"];
  if (typeof inner === "object" && inner !== null && ("$schema" in value || "contentVersion" in value)) return inner;
  const isWrapped = Object.values(value).every(
    (each) => typeof each === "object" && each !== null && ("value" in each || "reference" in each),
  );
  return isWrapped ? value : Object.fromEntries(Object.entries(value).map(([name, each]) => [name, { value: each }]));
}

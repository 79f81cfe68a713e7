// A live server in a process of its own, started as a person starts it, and a client that is its Owner.
import { spawn, execFileSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { request, type APIRequestContext } from "@playwright/test";

/** What the server writes into its ready file. */
export interface Ready {
  readonly https: string;
  readonly ca: string;
  readonly tenant_id: string;
  readonly client_id: string;
  readonly client_secret: string;
  readonly subscription_id: string;
  readonly resource_group: string;
  readonly workspace_name: string;
  readonly workspace_id: string;
  readonly shared_key: string;
  readonly workspace_resource_id: string;
}

const ROOT = resolve(import.meta.dirname, "../../..");
const PYTHON = process.env["VEDETTE_PYTHON"] ?? join(ROOT, ".venv/bin/python");
const READY_SECONDS = 90;

export class Server {
  private constructor(
    readonly ready: Ready,
    readonly directory: string,
    private readonly process: ChildProcess,
    private readonly context: APIRequestContext,
    private readonly tokens = new Map<string, string>(),
  ) {}

  /** `vedette up` on a folder of its own with these flags. */
  static async start(...flags: string[]): Promise<Server> {
    const directory = mkdtempSync(join(tmpdir(), "vedette-browser-"));
    const file = join(directory, "ready.json");
    const child = spawn(
      PYTHON,
      [
        "-m",
        "vedette.cli.main",
        "up",
        "--port",
        "0",
        "--data",
        join(directory, "data"),
        "--ready-file",
        file,
        "--query-rate",
        "0",
        ...flags,
      ],
      { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, PYTHONPATH: join(ROOT, "src") } },
    );
    let log = "";
    child.stdout.on("data", (chunk: Buffer) => (log += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
    const deadline = Date.now() + READY_SECONDS * 1000;
    while (!existsSync(file)) {
      if (child.exitCode !== null || Date.now() > deadline) {
        child.kill("SIGKILL");
        throw new Error(`The server did not come up:\n${log}`);
      }
      await new Promise((wait) => setTimeout(wait, 50));
    }
    const ready = JSON.parse(readFileSync(file, "utf8")) as Ready;
    const context = await request.newContext({ baseURL: ready.https, ignoreHTTPSErrors: true });
    return new Server(ready, directory, child, context);
  }

  async stop(): Promise<void> {
    await this.context.dispose();
    const ended = new Promise((done) => this.process.once("exit", done));
    this.process.kill("SIGTERM");
    await ended;
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** A request as the service principal that is Owner; gives the body, and raises when the answer is no success. */
  async call<T>(method: string, path: string, body?: unknown, resource = "https://management.azure.com"): Promise<T> {
    const answer = await this.context.fetch(path, {
      method,
      headers: { Authorization: `Bearer ${await this.token(resource)}`, "Content-Type": "application/json" },
      ...(body === undefined ? {} : { data: JSON.stringify(body) }),
      maxRetries: method === "GET" ? 2 : 0, // of a connection that was lost
    });
    const text = await answer.text();
    if (!answer.ok()) throw new Error(`${method} ${path}: ${answer.status()} ${text}`);
    return (text ? JSON.parse(text) : undefined) as T;
  }

  /** The rows of a query over all time. */
  async rows(query: string): Promise<unknown[][]> {
    const answer = await this.call<{ tables: { rows: unknown[][] }[] }>(
      "POST",
      `/v1/workspaces/${this.ready.workspace_id}/query`,
      { query },
      "https://api.loganalytics.io",
    );
    return answer.tables[0]?.rows ?? [];
  }

  /** Move the virtual clock; what falls due on the way has run when this returns. */
  async advance(duration: string): Promise<void> {
    await this.call("POST", "/vedette/clock", { advance: duration });
  }

  /** Send events into a custom table (`name_CL`). */
  ingest(table: string, events: readonly object[]): void {
    const file = join(this.directory, `${table}.jsonl`);
    writeFileSync(file, events.map((event) => JSON.stringify(event)).join("\n"));
    this.command(["ingest", table, file]);
  }

  /** The `vedette` command against this server; gives what it prints. */
  command(words: readonly string[], input = ""): string {
    return execFileSync(PYTHON, ["-m", "vedette.cli.main", ...words], {
      cwd: ROOT,
      input,
      encoding: "utf8",
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, PYTHONPATH: join(ROOT, "src"), VEDETTE_READY_FILE: join(this.directory, "ready.json") },
    });
  }

  /** The id under which Microsoft.SecurityInsights is in the first workspace. */
  get sentinel(): string {
    return `${this.workspace}/providers/Microsoft.SecurityInsights`;
  }

  get workspace(): string {
    const { subscription_id, resource_group, workspace_name } = this.ready;
    return `/subscriptions/${subscription_id}/resourceGroups/${resource_group}/providers/Microsoft.OperationalInsights/workspaces/${workspace_name}`;
  }

  private async token(resource: string): Promise<string> {
    const known = this.tokens.get(resource);
    if (known) return known;
    const { tenant_id, client_id, client_secret } = this.ready;
    const answer = await this.context.post(`/${tenant_id}/oauth2/v2.0/token`, {
      form: { grant_type: "client_credentials", client_id, client_secret, scope: `${resource}/.default` },
    });
    const { access_token } = (await answer.json()) as { access_token: string };
    this.tokens.set(resource, access_token);
    return access_token;
  }
}

import { expect, test } from "vitest";
import { bodyOf, inverse, merge, type IncidentChange } from "./change";
import type { Incident, IncidentProperties } from "./incident";
import { PatchQueue, withPending, type Port, type Verdict } from "./patchQueue";

const OWNER = { objectId: "o-1", assignedTo: "Ana" };

function incident(properties: Partial<IncidentProperties> = {}, etag = "1"): Incident {
  return {
    id: "/w/incidents/a",
    name: "a",
    type: "incidents",
    etag,
    properties: {
      incidentNumber: 1,
      title: "T",
      severity: "High",
      status: "New",
      createdTimeUtc: "2026-01-01T00:00:00Z",
      lastModifiedTimeUtc: "2026-01-01T00:00:00Z",
      ...properties,
    },
  };
}

class Problem extends Error {
  constructor(readonly verdict: Verdict) {
    super(verdict);
  }
}

/** A server that keeps one incident, counts its ETag, and can be told what to do at the next write. */
class Desk {
  has = incident();
  readonly puts: IncidentProperties[] = [];
  readonly before: (() => void)[] = [];
  pauses = 0;
  readonly queue: PatchQueue;

  constructor() {
    const port: Port = {
      get: async () => this.has,
      put: async (sent, change) => {
        await Promise.resolve();
        this.before.shift()?.();
        if (sent.etag !== this.has.etag) throw new Problem("conflict");
        const body = bodyOf(sent, change).properties as unknown as IncidentProperties;
        this.puts.push(body);
        this.write(body);
        return this.has;
      },
      judge: (error) => (error instanceof Problem ? error.verdict : "refused"),
      pause: async () => void this.pauses++,
      learn: () => undefined,
      changed: () => undefined,
    };
    this.queue = new PatchQueue(port);
  }

  write(properties: Partial<IncidentProperties>): void {
    this.has = incident({ ...this.has.properties, ...properties }, String(Number(this.has.etag) + 1));
  }

  edit(change: IncidentChange) {
    return this.queue.edit(this.has, change);
  }
}

test("what is edited at once is one write", async () => {
  const desk = new Desk();
  const first = desk.edit({ owner: OWNER });
  desk.edit({ status: "Active" });
  const last = desk.edit({ status: "Closed", classification: "FalsePositive" });
  await Promise.all([first, last]);
  expect(desk.puts).toHaveLength(1);
  expect(desk.has.properties).toMatchObject({ owner: OWNER, status: "Closed", classification: "FalsePositive" });
});

test("what comes while a write is on its way is sent after it, on its ETag", async () => {
  const desk = new Desk();
  desk.before.push(() => {
    void desk.edit({ status: "Active" });
    void desk.edit({ severity: "Low" });
  });
  await desk.edit({ owner: OWNER });
  expect(desk.puts).toHaveLength(2);
  expect(desk.has.properties).toMatchObject({ owner: OWNER, status: "Active", severity: "Low" });
});

test("what is edited shows at once, and nothing is pending in the end", async () => {
  const desk = new Desk();
  const done = desk.edit({ severity: "Low", addLabels: ["x"] });
  const shown = withPending(desk.has, desk.queue.pending("/W/INCIDENTS/A"));
  expect(shown.properties).toMatchObject({ severity: "Low", labels: [{ labelName: "x" }] });
  await done;
  expect(desk.queue.pending(desk.has.id)).toBeUndefined();
  expect(desk.queue.all()).toEqual([]);
});

test("another's write in between is merged: theirs stays, ours holds", async () => {
  const desk = new Desk();
  desk.before.push(() => desk.write({ severity: "Low", labels: [{ labelName: "theirs" }] }));
  const outcome = await desk.edit({ status: "Active", addLabels: ["ours"] });
  expect(outcome).toMatchObject({ kind: "kept", over: [] });
  expect(desk.has.properties).toMatchObject({
    severity: "Low",
    status: "Active",
    labels: [{ labelName: "theirs" }, { labelName: "ours" }],
  });
});

test("what another set in the same field is told, and ours holds", async () => {
  const desk = new Desk();
  desk.before.push(() => desk.write({ severity: "Low" }));
  const outcome = await desk.edit({ severity: "Medium" });
  expect(outcome).toMatchObject({ kind: "kept", over: [{ field: "severity", ours: "Medium", theirs: "Low" }] });
  expect(desk.has.properties.severity).toBe("Medium");
});

test("after three more tries both values are shown; ours can be made to hold", async () => {
  const desk = new Desk();
  for (const severity of ["Low", "Medium", "Low", "Informational"] as const)
    desk.before.push(() => desk.write({ severity }));
  const done = desk.edit({ severity: "High", status: "Active" });
  await expect.poll(() => desk.queue.pending(desk.has.id)?.state).toBe("conflict");
  expect(desk.queue.pending(desk.has.id)?.differences).toContainEqual({
    field: "severity",
    ours: "High",
    theirs: "Informational",
  });
  desk.queue.resolve(desk.has.id, true);
  await done;
  expect(desk.has.properties).toMatchObject({ severity: "High", status: "Active" });
});

test("after a conflict theirs can be taken", async () => {
  const desk = new Desk();
  for (let n = 0; n < 4; n++) desk.before.push(() => desk.write({ title: `T${n}` }));
  const done = desk.edit({ severity: "Low" });
  await expect.poll(() => desk.queue.pending(desk.has.id)?.state).toBe("conflict");
  desk.queue.resolve(desk.has.id, false);
  expect((await done).kind).toBe("given up");
  expect(desk.has.properties.severity).toBe("High");
});

test("a server that is away is waited for, and what was edited meanwhile goes along, once", async () => {
  const desk = new Desk();
  const away = (): never => {
    throw new Problem("away");
  };
  desk.before.push(away, () => {
    void desk.edit({ severity: "Low" });
    away();
  });
  await desk.edit({ owner: OWNER });
  expect(desk.pauses).toBe(2);
  expect(desk.puts).toHaveLength(1);
  expect(desk.has.properties).toMatchObject({ owner: OWNER, severity: "Low" });
});

test("a write whose answer was lost is not written again", async () => {
  const desk = new Desk();
  desk.before.push(() => {
    desk.write({ severity: "Low" });
    throw new Problem("away");
  });
  await desk.edit({ severity: "Low" });
  expect(desk.puts).toHaveLength(0);
  expect(desk.has.etag).toBe("2");
});

test("an incident that is known in part is read before it is written", async () => {
  const desk = new Desk();
  desk.write({ description: "kept" });
  const part = { ...desk.has, properties: { ...incident().properties, title: "" } };
  await desk.queue.edit(part, { severity: "Low" }, true);
  expect(desk.has.properties).toMatchObject({ title: "T", description: "kept", severity: "Low" });
});

test("what the server refuses is given up with its error, and shown no more", async () => {
  const desk = new Desk();
  desk.before.push(() => {
    throw new Problem("refused");
  });
  expect(await desk.edit({ severity: "Low" })).toMatchObject({ kind: "refused", error: { verdict: "refused" } });
  expect(desk.queue.pending(desk.has.id)).toBeUndefined();
});

test("a change has an inverse, over labels and what was not there", () => {
  const before = incident({ labels: [{ labelName: "kept" }, { labelName: "gone" }] }).properties;
  const change = {
    status: "Closed",
    classification: "FalsePositive",
    addLabels: ["new"],
    removeLabels: ["gone"],
  } as const;
  expect(inverse(before, change)).toEqual({
    status: "New",
    classification: null,
    addLabels: ["gone"],
    removeLabels: ["new"],
  });
  expect(merge({ addLabels: ["a"], severity: "Low" }, { removeLabels: ["a"] })).toEqual({
    severity: "Low",
    removeLabels: ["a"],
  });
});

test("a write has everything that may be set, and leaves out what is taken away", () => {
  const whole = incident({ status: "Closed", classification: "Undetermined", owner: OWNER, description: "D" });
  expect(bodyOf(whole, { status: "New", classification: null, owner: null })).toEqual({
    properties: { title: "T", description: "D", severity: "High", status: "New" },
  });
});

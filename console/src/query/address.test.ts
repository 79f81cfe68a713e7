import { expect, test } from "vitest";
import { fragment, queryAddress, readFragment } from "./address";

test("a query survives the way through an address", async () => {
  const shared = {
    query: "T\n| where a == 'ü 😀 #&=' ".repeat(50),
    timespan: "P1D",
    run: true,
    view: "chart",
  } as const;
  const packed = await fragment(shared);
  expect(packed).toMatch(/^q=[\w-]+&t=P1D&v=chart&run$/);
  expect(packed.length).toBeLessThan(200);
  expect(await readFragment(`#${packed}`)).toEqual(shared);
  expect(await queryAddress({ query: "T" })).toMatch(/^query#q=[\w-]+$/);
});

test("what is no query, or was cut short, is none", async () => {
  const packed = await fragment({ query: "SecurityEvent | take 10" });
  for (const broken of ["", "#", "#q=", "#q=%00", "#q=!!!", `#${packed.slice(0, 12)}`]) {
    expect(await readFragment(broken)).toBeUndefined();
  }
});

test("a text that grows without end is not read", async () => {
  const packed = await fragment({ query: "x".repeat(300_000) });
  expect(await readFragment(packed)).toBeUndefined();
});

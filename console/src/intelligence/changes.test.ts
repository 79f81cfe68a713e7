import type { QueryClient } from "@tanstack/react-query";
import { expect, test, vi } from "vitest";
import { HuntingChanges } from "~/hunting/changes";
import { ofSaved, type SavedSearch } from "~/hunting/query";
import { undoLast } from "~/parts/toast";
import type { Place } from "~/shell/place";
import { WatchlistChanges } from "~/watchlists/changes";
import type { Item } from "~/watchlists/watchlist";
import { IndicatorChanges } from "./changes";
import type { Indicator } from "./indicator";

const CLIENT = { invalidateQueries: async () => undefined, setQueryData: () => undefined } as unknown as QueryClient;

function place(arm: object): Place {
  return { arm, sentinel: "/w/si", workspace: { id: "/w" } } as unknown as Place;
}

test("tags are taken back, and those that somebody else gave meanwhile stay", async () => {
  const sent: unknown[] = [];
  const arm = {
    post: async (id: string, _: string, body: object) => void sent.push([id, body]),
    get: async () => ({ properties: { threatIntelligenceTags: ["old", "mine", "theirs"] } }),
  };
  const indicator = { id: "/i", properties: { threatIntelligenceTags: ["old"] } } as unknown as Indicator;
  await new IndicatorChanges(place(arm), CLIENT).tag([indicator], ["mine", "old"]);
  expect(undoLast()).toBe(true);
  await vi.waitFor(() => expect(sent).toHaveLength(2));
  expect(sent[1]).toEqual([
    "/i/replaceTags",
    { kind: "indicator", properties: { threatIntelligenceTags: ["old", "theirs"] } },
  ]);
});

test("a hunting query that comes back has the tags that others gave it, and is written on no ETag", async () => {
  const puts: unknown[][] = [];
  const arm = { remove: async () => undefined, put: async (...told: unknown[]) => void puts.push(told) };
  const saved = {
    id: "/w/savedSearches/q",
    name: "q",
    etag: "1",
    properties: { category: "Hunting Queries", displayName: "Q", query: "T", tags: [{ name: "team", value: "red" }] },
  } as unknown as SavedSearch;
  await new HuntingChanges(place(arm), CLIENT).remove([ofSaved(saved)]);
  expect(undoLast()).toBe(true);
  await vi.waitFor(() => expect(puts).toHaveLength(1));
  expect(puts[0]![2]).toMatchObject({ properties: { tags: [{ name: "team", value: "red" }] } });
  expect(puts[0]![3]).toBeUndefined();
});

test("an item of a watchlist comes back with its entities", async () => {
  const puts: unknown[][] = [];
  const put = async (...told: unknown[]): Promise<unknown> => {
    puts.push(told);
    return { body: { name: "new" } };
  };
  const properties = { itemsKeyValue: { ip: "1" }, entityMapping: { IP: "1" } };
  const item = { id: "/x", name: "old", etag: "1", properties } as unknown as Item;
  await new WatchlistChanges(place({ remove: async () => undefined, put }), CLIENT).removeItems("a", [item]);
  expect(undoLast()).toBe(true);
  await vi.waitFor(() => expect(puts).toHaveLength(1));
  expect(puts[0]![2]).toEqual({ properties });
  expect(puts[0]![3]).toBeUndefined();
});

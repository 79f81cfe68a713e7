import { expect, test } from "vitest";
import { linesOf, readParameters } from "./deployment";

test("a what-if is told property by property", () => {
  const lines = linesOf({
    resourceId: "/x",
    changeType: "Modify",
    delta: [
      { path: "properties.severity", propertyChangeType: "Modify", before: "Low", after: "High" },
      {
        path: "properties.tactics",
        propertyChangeType: "Array",
        children: [{ path: "1", propertyChangeType: "Create", after: "Impact" }],
      },
    ],
  });
  expect(lines).toEqual([
    { mark: "~", path: "properties.severity", before: "Low", after: "High" },
    { mark: "+", path: "properties.tactics[1]", after: "Impact" },
  ]);
});

test("what is made is told whole", () => {
  const lines = linesOf({ resourceId: "/x", changeType: "Create", after: { a: { b: [1, "two"] }, c: {} } });
  expect(lines.map((each) => `${each.mark}${each.path}=${each.after}`)).toEqual(["+a.b[0]=1", "+a.b[1]=two", "+c={}"]);
});

test("parameters come as a file, as ARM wants them, or plainly", () => {
  const wanted = { workspace: { value: "soc" } };
  expect(readParameters('{"$schema": "x", "parameters": {"workspace": {"value": "soc"}}}')).toEqual(wanted);
  expect(readParameters('{"workspace": {"value": "soc"}}')).toEqual(wanted);
  expect(readParameters('{"workspace": "soc"}')).toEqual(wanted);
  expect(readParameters(" ")).toEqual({});
});

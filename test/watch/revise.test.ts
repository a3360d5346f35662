import { expect, it } from "vitest";
import { emptyInventory } from "../../src/core/inventory.ts";
import { usualSettings, Watcher } from "../../src/watch/watcher.ts";
import { sampleIncident } from "./sample-incident.ts";

it("what a person changed is undone if it can't be written: the next round must not write it", async () => {
  let isFull = true;
  const kept: unknown[] = [];
  const watcher = new Watcher(
    {
      gather: () => Promise.reject(new Error("no host is asked")),
      listen: () => ({ stop: () => undefined }),
      inventory: () => emptyInventory,
      coveredBy: () => null,
      take: async ({ incidents }) => {
        if (isFull) throw new Error("ENOSPC");
        kept.push(incidents[0]?.assigned);
      },
      keepKnown: () => undefined,
      keepHistory: () => undefined,
      failed: () => undefined,
    },
    usualSettings,
    { incidents: [sampleIncident({ at: "2026-11-29T12:00:00.000Z" })], known: new Map() },
    () => "inc-2",
  );
  const assigns = (person: string) =>
    watcher.rounds.revise((all) => all.map((each) => ({ ...each, assigned: person })));
  const results = await Promise.allSettled([assigns("U1"), assigns("U2")]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(watcher.rounds.incidents[0]?.assigned).toBeNull();
  isFull = false;
  await assigns("U3");
  expect([watcher.rounds.incidents[0]?.assigned, kept]).toEqual(["U3", ["U3"]]);
  await watcher.stop();
});

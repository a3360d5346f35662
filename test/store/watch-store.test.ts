import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openWatchStore, type WatchStore } from "../../src/store/watch-store.ts";
import { sampleIncident } from "../watch/sample-incident.ts";

let folder: string;
let store: WatchStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "zstack-watch-"));
  store = await openWatchStore(folder);
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const at = "2026-11-29T12:00:00.000Z";

it("an archived incident keeps where its message is", async () => {
  const incident = sampleIncident({ at, posted: { place: "C1", messageId: "100.1" } });
  await store.archive(incident);
  expect(await store.archived("inc-1")).toEqual(incident);
  expect(await store.archived("inc-2")).toBeNull();
  expect(await store.archived("../incidents")).toBeNull();
  expect(await store.archivedIds()).toEqual(["inc-1"]);
});

it.each([
  ["empty", "", "it is not JSON"],
  ["cut", '{"id":"inc-1","sc', "it is not JSON"],
  ["another file", "{}", "id: "],
])(
  "an archived incident of which the file is damaged (%s) is named with its file and the problem",
  async (_, text, why) => {
    await writeFile(join(folder, "incidents", "inc-1.json"), text);
    await expect(store.archived("inc-1")).rejects.toMatchObject({
      error: {
        code: "DATA_FOLDER_UNUSABLE",
        headline: `${join(folder, "incidents", "inc-1.json")} can't be read`,
        reasons: [expect.stringContaining(why)],
      },
    });
  },
);

it("an incident that can't be archived names its file", async () => {
  await rm(join(folder, "incidents"), { recursive: true });
  await writeFile(join(folder, "incidents"), "");
  await expect(store.archive(sampleIncident({ at }))).rejects.toMatchObject({ name: "NotWritten" });
  await rm(join(folder, "incidents"));
});

const opened = async (file: string, text: string) => {
  await store.close();
  await writeFile(join(folder, file), text);
  store = await openWatchStore(folder);
  return store;
};
const aside = async (of = folder) => (await readdir(of)).filter((name) => name.includes(".damaged-"));
const incident = sampleIncident({ at, id: "inc-7" });
const post = {
  ...{ incidentId: "inc-7", place: "C1", messageId: "100.1", since: at, mayBeThere: false },
  ...{ toldEvents: 1, lastPostAt: at, isCurrent: true },
};
const desk = { version: 1, nextNumber: 9, incidents: [incident], posts: [post], pauses: [] };

it("incidents of an earlier version are read as they are", async () => {
  const { desk: read, notice } = await opened("incidents.json", JSON.stringify(desk));
  expect([read(), notice, await aside()]).toEqual([desk, null, []]);
});

it.each([
  ["values of a newer version", { ...desk, color: 1, incidents: [{ ...incident, mood: "good" }] }, "3 values|2 values"],
  ["another version", { ...desk, version: 2 }, "version: "],
  [
    "an event that it does not know",
    { ...desk, incidents: [{ ...incident, events: [...incident.events, { at, kind: "merged", by: null, text: "" }] }] },
    "incidents.0.events.1.kind",
  ],
  [
    "a finding that it does not know",
    {
      ...desk,
      incidents: [{ ...incident, findings: [...incident.findings, { ...incident.findings[0], kind: "moon" }] }],
    },
    "incidents.0.findings.1.kind",
  ],
  ["an incident that it does not know", { ...desk, incidents: [incident, { id: "inc-8" }] }, "incidents.1"],
])("incidents in a file with %s are continued, and the file is kept", async (_, value, problem) => {
  const text = JSON.stringify(value);
  const { desk: read, notice } = await opened("incidents.json", text);
  const [open] = read().incidents;
  expect([open?.id, open?.state, open?.findings, read().posts]).toEqual(["inc-7", "open", incident.findings, [post]]);
  expect(read().nextNumber).toBe(9);
  expect(notice).toMatch(new RegExp(problem));
  const [name = ""] = await aside();
  expect(await readFile(join(folder, name), "utf8")).toBe(text);
  await store.close();
  store = await openWatchStore(folder);
  expect(store.notice).toBeNull();
});

it.each([
  ["cut", JSON.stringify(desk).slice(0, 200)],
  ["empty", ""],
  ["another one", "[]"],
])("a file of incidents that is %s is kept, and no number of an incident is used twice", async (_, text) => {
  await store.archive(sampleIncident({ at, id: "inc-5" }));
  const { desk: read, notice } = await opened("incidents.json", text);
  expect(read().incidents).toEqual([]);
  expect(read().nextNumber).toBe(text.includes("inc-7") ? 8 : 6);
  expect(notice).toContain("is kept as");
  expect(await aside()).toHaveLength(1);
  await store.update((latest) => [{ ...latest, nextNumber: 10 }, null]);
});

it("what a host had is read without the values of a newer version; a damaged file is kept and named", async () => {
  const [host, other] = ["a".repeat(32), "b".repeat(32)];
  const known = { sinceMs: 1, paths: {}, luns: {}, serves: [] };
  await writeFile(join(folder, "known", `${host}.json`), JSON.stringify({ ...known, mood: "good" }));
  await opened(join("known", `${other}.json`), "{");
  expect([...store.known]).toMatchObject([[host, known]]);
  expect(store.notice).toContain(`${other}.json can't be read`);
  expect(await aside(join(folder, "known"))).toHaveLength(1);
});

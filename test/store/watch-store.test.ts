import { mkdtemp, rm, writeFile } from "node:fs/promises";
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

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { subjectOf } from "../../src/core/finding.ts";
import type { Incident, IncidentEvent, KeptFinding } from "../../src/core/incident.ts";
import { emptyInventory } from "../../src/core/inventory.ts";
import { IncidentPosts } from "../../src/flow/incident-posts.ts";
import type { Channel } from "../../src/flow/ports.ts";
import { openWatchStore, type WatchStore } from "../../src/store/watch-store.ts";
import { type Desk, emptyDesk } from "../../src/watch/desk-file.ts";
import { withEvent } from "../../src/watch/event-log.ts";
import { LONGEST_MS, longestSlice } from "../longest-slice.ts";
import { sampleIncident } from "../watch/sample-incident.ts";

const AT = "2026-11-29T10:00:00.000Z";
const HOSTS = 100;
const LUNS = 25;
const PATHS = 4;

/** An array died: all paths of every host failed, and no map has one. */
function deadArray(): Incident {
  const base = sampleIncident({ at: AT });
  const finding = (kind: KeptFinding["kind"], host: number, lun: number, path: number, pathsLeft?: number) => ({
    ...{ key: `${kind} ${host} ${lun} ${path}`, kind, severity: "critical" as const, clusterUuid: "c".repeat(32) },
    ...{
      hostUuid: String(host).padStart(32, "0"),
      wwid: `36b083fe000daf0180000155${lun}`,
      storageUuid: null,
      since: AT,
    },
    ...{
      adapter: `host${path}`,
      port: `10.0.0.${path}:3260`,
      text: `Path sd${lun}x${path} on host${host}: failed faulty`,
    },
    ...(pathsLeft !== undefined && { pathsLeft }),
  });
  const findings = Array.from(
    { length: HOSTS * LUNS },
    (_, at) => [at % HOSTS, Math.floor(at / HOSTS)] as const,
  ).flatMap(([host, lun]): KeptFinding[] => [
    ...Array.from({ length: PATHS }, (_, path) => finding("path failed", host, lun, path)),
    finding("map without paths", host, lun, 0, 0),
  ]);
  const everFound = findings.map(subjectOf);
  return {
    ...base,
    severity: "critical",
    worstSeverity: "critical",
    scope: { kind: "array", id: "a" },
    findings,
    everFound,
  };
}

const withNote = (desk: Desk, event: IncidentEvent): Desk => ({
  ...desk,
  incidents: desk.incidents.map((incident) => withEvent(incident, event)),
});

let directory: string;
let store: WatchStore;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "zstack-largest-incident-"));
  store = await openWatchStore(directory);
});
afterAll(async () => {
  await store.close();
  await rm(directory, { recursive: true });
});

/** Posts the incident for the first time. `does` is called with each part of the work. */
async function postsFirst(incident: Incident, does: (part: string) => void): Promise<void> {
  const channel: Channel = {
    place: "C1",
    say: async (_, once) => {
      does("post");
      await once?.begins();
      return "100.1";
    },
    revise: async () => undefined,
    find: async () => null,
  };
  const posts = new IncidentPosts({
    ...{ store, channel, conversations: { at: () => channel, inThread: () => channel } },
    inventory: () => {
      does("text");
      return emptyInventory;
    },
    ...{ clock: { now: () => new Date(AT) }, key: "key", onCall: { onCall: ["U1"], escalateTo: [] } },
    log: { info: () => undefined, error: (doing, error) => expect.fail(`${doing}: ${error}`) },
    note: (_, { kind, text }) => store.update((desk) => [withNote(desk, { at: AT, by: null, kind, text }), undefined]),
  });
  await store.update(() => [{ ...emptyDesk, incidents: [incident] }, null]);
  posts.update([incident.id]);
  while (store.desk().posts[0]?.messageId == null) await new Promise((resolve) => setTimeout(resolve, 5));
  await posts.stop();
  expect(store.desk().posts).toMatchObject([{ messageId: "100.1", toldInChannel: { critical: 12_500 } }]);
}

it("each part of the first post of 12,500 findings has a turn of its own: its text, its post, each write", async () => {
  let turn = 0;
  let isOver = false;
  const count = (): void => {
    turn += 1;
    if (!isOver) setImmediate(count);
  };
  count();
  const parts: { readonly part: string; readonly turn: number }[] = [];
  const makesJson = JSON.stringify;
  const spy = vi.spyOn(JSON, "stringify").mockImplementation((...given: Parameters<typeof makesJson>) => {
    if (typeof given[0] === "object" && given[0] !== null && "incidents" in given[0])
      parts.push({ part: "write", turn });
    return makesJson(...given);
  });
  const incident = deadArray();
  await postsFirst(incident, () => undefined);
  parts.length = 0;
  await postsFirst(incident, (part) => parts.push({ part, turn })).finally(() => {
    isOver = true;
    spy.mockRestore();
  });
  const first = parts.findIndex(({ part }) => part === "text");
  const around = parts.slice(first, first + 3);
  expect(around.map(({ part }) => part)).toEqual(["text", "post", "write"]);
  expect(new Set(around.map((each) => each.turn)).size).toBe(3);
  expect(parts[first - 1]?.turn).toBeLessThan(around[0]?.turn ?? 0);
});

it("the first post of an incident of 12,500 findings leaves turns to other work", { timeout: 240_000 }, async () => {
  const incident = deadArray();
  expect(await longestSlice(() => postsFirst(incident, () => undefined))).toBeLessThan(LONGEST_MS);
});

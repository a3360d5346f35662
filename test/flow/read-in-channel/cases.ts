import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { withEvent } from "../../../src/watch/event-log.ts";
import { usualSettings } from "../../../src/watch/watcher.ts";
import { beginsVirtualTime, WatchedSan } from "../watched-san.ts";

const SIZES = { hosts: 3, luns: 4, ports: 3 };
/** In seconds. */
export const MINUTE = 60;

type Which = (path: { host: number; lun: number; port: number }) => boolean;
export const onPort =
  (...ports: number[]): Which =>
  ({ port }) =>
    ports.includes(port);
export const ofLun =
  (lun: number, ...ports: number[]): Which =>
  (path) =>
    path.lun === lun && (ports.length === 0 || ports.includes(path.port));
export const onHost =
  (host: number, which: Which = everything): Which =>
  (path) =>
    path.host === host && which(path);
export const everything: Which = () => true;

export interface Case {
  readonly title: string;
  readonly steps: (san: WatchedSan) => Promise<void>;
  /** Each post, and then each message as it shows at the end. */
  readonly read: readonly string[];
}

export async function act(
  san: WatchedSan,
  id: string,
  patch: object,
  kind: "acknowledged" | "silenced" | "resolved",
): Promise<void> {
  const at = new Date().toISOString();
  await san.watch.revise(id, (incident) => withEvent({ ...incident, ...patch }, { at, kind, by: "U1", text: "" }));
}

/** Paths fail, and people have read of it. */
const fail =
  (which: Which, seconds: number) =>
  async (san: WatchedSan): Promise<void> => {
    san.sets(false, which);
    await san.passes(seconds);
  };
export const portFails = fail(onPort(1), 2 * MINUTE);
/** The one of the first host that reaches that port. */
export const adapterFails = fail(onHost(0, onPort(1)), 2 * MINUTE);
/** The LUN of the storage, on the first host. */
export const lunFails = fail(onHost(0, ofLun(0)), 3 * MINUTE);

export async function worksAgain(san: WatchedSan, seconds: number): Promise<void> {
  san.sets(true, everything);
  await san.passes(seconds);
}

/** A person pauses the cluster. */
export async function pauses(san: WatchedSan, forMs: number): Promise<void> {
  const until = new Date(Date.now() + forMs).toISOString();
  await san.watch.pause({ clusterUuid: san.inventory.clusters[0]?.uuid ?? "", by: "U1", until, reason: "repair" });
}

export async function restarts(san: WatchedSan, before: (() => void) | null = null): Promise<void> {
  san.kill();
  before?.();
  await san.starts();
}

/** A cluster of three hosts, four LUNs and three ports; LUN 0 is a storage's. What people read of it, word for word. */
export function readsInChannel(of: string, cases: readonly Case[]): void {
  beforeEach(() => beginsVirtualTime());
  afterEach(() => void vi.useRealTimers());

  describe(`a senior engineer reads in the channel, of ${of}:`, () => {
    it.each(cases)("$title", async ({ steps, read }) => {
      const san = await new WatchedSan(SIZES, usualSettings, { onCall: ["U9"], escalateTo: ["S7"] }).starts();
      san.leasesAge = true;
      await san.passes(40);
      await steps(san);
      const found = readIn(san);
      san.kill();
      expect(found).toEqual(read);
      expect(san.errors).toEqual([]);
    });
  });
}

function readIn(san: WatchedSan): string[] {
  const place = (post: { place: string; inChannelToo: boolean }) =>
    post.place === "C1" ? "channel" : post.inChannelToo ? "thread and channel" : "thread";
  const plain = (text: string) =>
    text.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?( UTC)?/g, "TIME").replaceAll(/\d\d:\d\d:\d\d/g, "TIME");
  return [
    ...san.posts.map(
      (post) =>
        `${place(post)}: ${plain(
          post.text
            .split("\n")
            .slice(0, place(post) === "channel" ? 1 : 2)
            .join(" | "),
        ).replace(/ resolved after .*$/, " resolved")}`,
    ),
    ...[...san.messages.values()].map((text) => `now: ${plain(text.split("\n").slice(0, 3).join(" | "))}`),
  ];
}

import { describe, expect, it } from "vitest";
import type { Outcome } from "../../src/core/outcome.ts";
import type { KernelSession } from "../../src/host/iscsi-sysfs.ts";
import type { PathInMemory } from "../../src/host/multipathd.ts";
import { hostElements } from "../../src/watch/elements.ts";
import { type Known, learned } from "../../src/watch/known.ts";
import { isSilent, type Observed } from "../../src/watch/sample.ts";
import { observedFrom } from "../../src/watch/sample-from.ts";
import { watchReads } from "../../src/watch/watch-reads.ts";
import { inventory, LUN, sample, watchedPath } from "./watched-host.ts";

const [host] = inventory.hosts;
if (host === undefined) throw new Error("no host");
const TARGET = "iqn.2026-11.lab:array";
const TB = 10 ** 12;

const done = <T>(value: T): Outcome<T> => ({ kind: "done", value, exitCode: 0 });
const unknown: Outcome<never> = { kind: "unknown", reason: "find did not end within 4 s" };
const notAsked = Object.fromEntries(Object.keys(watchReads([])).map((read) => [read, unknown])) as Record<
  keyof ReturnType<typeof watchReads>,
  Outcome<never>
>;

interface Shown {
  readonly paths: readonly PathInMemory[];
  readonly sessions: Outcome<KernelSession[]>;
}
/** What fails on a host that shows this, one after another. */
function failingAfter(...all: readonly Shown[]): string[][] {
  let earlier: { observed: Observed | null; known: Known | null } = { observed: null, known: null };
  let elements: ReturnType<typeof hostElements> = new Map();
  return all.map(({ paths, sessions }, index) => {
    const atMs = index * 10_000;
    const answers = { ...notAsked, clock: done(atMs), sizes: done([]), paths: done([...paths]), sessions };
    const observed = observedFrom(host as NonNullable<typeof host>, [], answers, atMs, atMs, earlier);
    if (isSilent(observed)) throw new Error("it is silent");
    earlier = { observed, known: learned(earlier.known, observed, new Set([LUN])) };
    elements = hostElements(
      { host: host as NonNullable<typeof host>, observed, known: earlier.known },
      elements,
      inventory,
      atMs,
    );
    return [...elements.values()].flatMap(({ findings }) =>
      findings.flatMap(({ kind, text }) => (kind === "answer not readable" ? [] : [text])),
    );
  });
}
const path = (device: string, hctl: string, target: string, targetPort: string | null, works = true): PathInMemory => ({
  ...{ wwid: LUN, map: "mpatha", hctl, device, target, targetPort },
  ...(works ? { dmState: "active", checkerState: "ready" } : { dmState: "failed", checkerState: "faulty" }),
});
function session(scsiHost: number): KernelSession {
  const portal = { address: `10.0.0.${scsiHost}`, port: 3260 };
  return { sid: scsiHost, target: TARGET, portal, loggedInAt: portal, scsiHost };
}

describe("a path's port", () => {
  it("stays with Fibre Channel if the iSCSI sessions can't be read", () => {
    const paths = ["1:0:0:1", "1:0:1:1", "2:0:0:1", "2:0:1:1"].map((hctl, at) =>
      path(`sd${"abcd"[at]}`, hctl, "0x50000000000000aa", `0x50000000000000b${at % 2}`),
    );
    expect(
      failingAfter({ paths, sessions: done([]) }, { paths, sessions: unknown }, { paths, sessions: done([]) }),
    ).toEqual([[], [], []]);
  });
  it("stays while the kernel has no address of its session", () => {
    const paths = (works: boolean) => [
      path("sda", "1:0:0:1", TARGET, null),
      path("sdb", "2:0:0:1", TARGET, null, works),
    ];
    const both = done([session(1), session(2)]);
    expect(
      failingAfter(
        { paths: paths(true), sessions: both },
        { paths: paths(false), sessions: done([session(1)]) },
        { paths: paths(true), sessions: both },
      ),
    ).toEqual([
      [],
      ["Path sdb of LUN …bbe00a on host1 through 10.0.0.2:3260: failed faulty", "LUN …bbe00a on host1: 1/2 paths"],
      [],
    ]);
  });
});

describe("the size of a LUN", () => {
  const sized = (port: number, sizeBytes: number, works = true) => ({ ...watchedPath(LUN, port, works), sizeBytes });
  const at = (seconds: number, paths: ReturnType<typeof sized>[]) => sample(1, { atMs: seconds * 1_000, paths });

  it("is less also if a failed path still has the old one", () => {
    const owned = new Set([LUN]);
    const before = learned(null, at(0, [sized(1, TB), sized(2, TB)]), owned);
    const shrank = learned(before, at(30, [sized(1, TB / 2), sized(2, TB, false)]), owned);
    expect(shrank.luns[LUN]).toMatchObject({ sizeBytes: TB / 2, resized: { atMs: 30_000, fromBytes: TB } });
    const back = learned(shrank, at(60, [sized(1, TB / 2), sized(2, TB)]), owned);
    expect(back.luns[LUN]).toEqual(shrank.luns[LUN]);
    const failed = learned(shrank, at(60, [sized(1, TB, false), sized(2, TB, false)]), owned);
    expect(failed.luns[LUN]).toEqual(shrank.luns[LUN]);
  });
  it("was never larger for a storage that was made of it later", () => {
    const both = (bytes: number) => [sized(1, bytes), sized(2, bytes)];
    const ownedSinceMs = () => 50_000;
    const before = learned(null, at(0, both(TB)), new Set());
    const shrank = learned(before, at(30, both(TB / 2)), new Set());
    expect(shrank.luns[LUN]?.resized).not.toBeNull();
    const owned = learned(shrank, at(60, both(TB / 2)), new Set([LUN]), { ownedSinceMs });
    expect(owned.luns[LUN]).toMatchObject({ sizeBytes: TB / 2, resized: null });
    const again = learned(owned, at(90, both(TB / 4)), new Set([LUN]), { ownedSinceMs });
    expect(again.luns[LUN]?.resized).toEqual({ atMs: 90_000, fromBytes: TB / 2 });
  });
});

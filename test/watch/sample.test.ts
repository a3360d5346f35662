import { describe, expect, it } from "vitest";
import type { Outcome } from "../../src/core/outcome.ts";
import { listPathsInMemory } from "../../src/host/multipathd.ts";
import { learned } from "../../src/watch/known.ts";
import { isSilent, type Observed } from "../../src/watch/sample.ts";
import { observedFrom } from "../../src/watch/sample-from.ts";
import { watchReads } from "../../src/watch/watch-reads.ts";
import { inventory } from "./watched-host.ts";

const LUN = "360000000000000000e00000000010002";

/** What the watch has of the paths after several answers of multipathd, one after another. */
function pathsAfter(...answers: readonly (readonly string[])[]): string[] {
  const [host] = inventory.hosts;
  if (host === undefined) throw new Error("no host");
  let earlier: { observed: Observed | null; known: ReturnType<typeof learned> | null } = {
    observed: null,
    known: null,
  };
  for (const [index, lines] of answers.entries()) {
    const stdout = lines.map((line) => `${line}|iqn.2024-01.lab:array|[undef]\n`).join("");
    const output = { stdout, stderr: "", exitCode: 0 };
    const notAsked: Outcome<never> = { kind: "unknown", reason: "not asked" };
    const none = Object.fromEntries(Object.keys(watchReads([])).map((read) => [read, notAsked]));
    const seen = { ...(none as Record<keyof ReturnType<typeof watchReads>, Outcome<never>>) };
    const paths: Outcome<ReturnType<typeof listPathsInMemory.parse>> = {
      kind: "done",
      value: listPathsInMemory.parse(output),
      exitCode: 0,
    };
    const observed = observedFrom(
      host,
      [],
      { ...seen, sessions: { kind: "done", value: [], exitCode: 0 }, paths },
      index,
      index,
      earlier,
    );
    if (isSilent(observed)) throw new Error("it is silent");
    earlier = { observed, known: learned(earlier.known, observed, new Set()) };
  }
  const { observed } = earlier;
  if (observed === null || isSilent(observed)) throw new Error("it is silent");
  return (observed.paths ?? []).map(({ device, works, map }) => `${device} ${works ? "works" : "failed"} in ${map}`);
}
const path = (device: string, hctl: string, state: string, map = "mpathb"): string =>
  `${LUN}|${map}|${hctl}|${device}|${state}`;
const whole = [path("sdk", "3:0:0:2", "active|ready"), path("sdh", "2:0:0:2", "active|ready")];

describe("a path of multipathd's memory", () => {
  it("did not fail because the daemon has not checked it since its start", () => {
    const restarted = [path("sdk", "3:0:0:2", "active|i/o pending"), path("sdh", "2:0:0:2", "undef|undef")];
    expect(pathsAfter(whole, restarted)).toEqual(["sdk works in mpathb", "sdh works in mpathb"]);
  });
  it("still counts as failed until the daemon has checked it", () => {
    const failed = [path("sdk", "3:0:0:2", "active|ready"), path("sdh", "2:0:0:2", "failed|faulty")];
    const restarted = [path("sdk", "3:0:0:2", "active|ready"), path("sdh", "2:0:0:2", "active|i/o pending")];
    expect(pathsAfter(whole, failed, restarted)).toEqual(["sdk works in mpathb", "sdh failed in mpathb"]);
    expect(pathsAfter(whole, failed, restarted, whole)).toEqual(["sdk works in mpathb", "sdh works in mpathb"]);
  });
  it("is there, but in no map, after its map was flushed", () => {
    const flushed = [
      path("sdk", "3:0:0:2", "undef|undef", "[orphan]"),
      path("sdh", "2:0:0:2", "undef|undef", "[orphan]"),
    ];
    expect(pathsAfter(whole, flushed)).toEqual(["sdk works in null", "sdh works in null"]);
  });
  it("is none of the watch if its disk never had a map", () => {
    expect(pathsAfter([path("sda", "0:0:0:0", "undef|undef", "[orphan]")])).toEqual([]);
  });
});

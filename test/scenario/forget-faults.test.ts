import { describe, expect } from "vitest";
import type { Fault } from "../../src/simulator/san/fault.ts";
import { begun, forget, HOSTS, isForgotten, LIMIT_MS, removals, title, unmap } from "./forget-words.ts";
import { rowsOf } from "./rows.ts";
import { itAtLength } from "./target.ts";
import { HOST2 } from "./two-clusters.ts";

describe.concurrent("lun forget, interrupted: the same command finishes it", () => {
  const steps: [program: string, argument?: string][] = [["multipath", "-f"], ["tee"], ["udevadm"]];
  const interruptions: [string, (of: { program: string; argument?: string }) => Fault, RegExp][] = [
    ["fails", (of) => ({ kind: "fails", ...of, exitCode: 5, stderr: "I/O error" }), /: failed/],
    ["is cut off before it began", (of) => ({ kind: "cut during", ...of, after: "before" }), /: unknown/],
    ["is cut off after it was done", (of) => ({ kind: "cut during", ...of, after: "effect" }), /: unknown/],
  ];
  const cases = steps.flatMap(([program, argument]) =>
    interruptions.map(([what, fault, state]) => ({
      title: `${program} ${what}`,
      fault: fault(argument === undefined ? { program } : { program, argument }),
      state,
    })),
  );
  itAtLength.for(rowsOf(cases))("$title", { timeout: LIMIT_MS }, async ({ fault, state }, { onTestFinished }) => {
    const story = await begun(onTestFinished);
    await unmap(story);
    await story.says(forget);
    await story.shows(title);
    await story.hosts.fault(HOST2, fault);
    await story.clicks("Confirm");
    await story.shows(new RegExp(`${title}${state.source}`), "Not done", HOST2);
    await story.hosts.heal(HOST2);
    await story.says(forget);
    await story.clicks("Confirm");
    await story.shows(`${title}: done (op-2)`);
    // Nothing was taken away twice.
    expect((await removals(story)).map((line) => line.split(":")[0])).toEqual(HOSTS.flatMap((host) => [host, host]));
    await isForgotten(story);
  });
});

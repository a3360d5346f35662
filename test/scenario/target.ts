import { it } from "vitest";
import { tutorialLuns } from "../../src/simulator/san/tutorial-san.ts";
import { lunNamed } from "../lab/luns.ts";

/** What the scenarios run against: hosts that this process simulates, or the guests of the lab. The words are the same. */
export const target: "simulated" | "lab" = process.env.SCENARIO_TARGET === "lab" ? "lab" : "simulated";

type LunKind = keyof typeof tutorialLuns;

/** The tutorial's LUNs by what is on them; in the lab one LUN plays two parts, see `Story.arranges`. */
const labLuns: Readonly<Record<LunKind, string>> = {
  orphan: lunNamed("orphan-pv").wwid,
  blank: lunNamed("blank-iscsi").wwid,
  ofAnotherGroup: lunNamed("other-vg").wwid,
  mounted: lunNamed("ext4").wwid,
  partitioned: lunNamed("gpt").wwid,
  notEverywhere: lunNamed("blank-virtio").wwid,
  failedPath: lunNamed("blank-virtio").wwid,
};
export const luns: Readonly<Record<LunKind, string>> = target === "lab" ? labLuns : tutorialLuns;

/** What a form asks for before a LUN is wiped. */
export const ending = (wwid: string): string => wwid.slice(-6);

/** Working paths of a whole map on each host. */
export const pathsEach = target === "lab" ? "2/2" : "3/3";

/** How slow a host is during whose step something else is done from outside. */
export const meanwhileMs = target === "lab" ? 3_000 : 500;

/**
 * How long something is waited for at most. An emulated machine takes its time, and sanlock half a minute for a lease; what
 * runs the simulated hosts may have twenty other things to do. Only what hangs takes so long.
 */
export const patient = (milliseconds: number): number => (target === "lab" ? 12 : 20) * milliseconds;

/** The grace that machines are given, in seconds: each waits for it in full. */
export const graceOf = (milliseconds: number): number => ((target === "lab" ? 12 : 1) * milliseconds) / 1000;

/**
 * Told of simulated hosts only, and skipped by name in the lab, which can't make it so: another distribution, packages
 * from a network, hosts that nobody knows, LUNs that the array offers anew or makes smaller, a lease whose renewals fail
 * for as long as it takes to tell of it. Each such story, or its file, says what the lab lacks. What only Slack, the data
 * folder or a bot's restart does is the same with any hosts, and the lab's hours are not spent on it.
 */
export const itSimulated = target === "simulated" ? it : it.skip;

/** Takes a minute or more in the lab: `npm run test:lab` runs it, a short run (LAB_RUN=short) skips it by name. */
export const itAtLength = target === "lab" && process.env.LAB_RUN === "short" ? it.skip : it;

/**
 * What is planned or refused here is a case of `test/plan/` too, and `npm test` leaves it to that. `npm run test:all` and
 * the lab send it through the channel.
 */
export const itInFull = target === "lab" || process.env.ROWS === "all" ? itAtLength : it.skip;

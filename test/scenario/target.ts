import { it } from "vitest";
import { tutorialLuns } from "../../src/simulator/san/tutorial-san.ts";
import { lunNamed } from "../lab/luns.ts";

/** The hosts of the scenarios: simulated by this process, or the guests of the lab. The commands are the same. */
export const target: "simulated" | "lab" = process.env.SCENARIO_TARGET === "lab" ? "lab" : "simulated";

type LunKind = keyof typeof tutorialLuns;

/** The tutorial's LUNs by their content. In the lab one LUN has two roles, see `Story.arranges`. */
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

/** The text that a form needs before a LUN is wiped. */
export const ending = (wwid: string): string => wwid.slice(-6);

/** Working paths of a complete map on each host. */
export const pathsEach = target === "lab" ? "2/2" : "3/3";

/** The delay of a host during a step in which something is done from outside. */
export const meanwhileMs = target === "lab" ? 3_000 : 500;

/**
 * The maximum of any wait. An emulated computer is slow, and sanlock needs half a minute for a lease. The computer of
 * simulated hosts may do twenty other things, but a program that hangs must not stop all tests: 8 minutes at most.
 */
export const patient = (milliseconds: number): number =>
  target === "lab" ? 12 * milliseconds : Math.min(20 * milliseconds, 480_000);

/** The grace for VMs in seconds. Each VM uses all of it. */
export const graceOf = (milliseconds: number): number => ((target === "lab" ? 12 : 1) * milliseconds) / 1000;

/**
 * Runs on simulated hosts, and in each run of the lab. A scenario has no plain `it`: in the lab a story takes a minute,
 * so each one says where it runs.
 */
export const itEverywhere = it;

/**
 * Runs only on simulated hosts. The lab can't do it and skips it by name: another distribution, packages from a
 * network, unknown hosts, LUNs that the array offers again or makes smaller, a lease that is not renewed for some time.
 * Each such story, or its file, says what the lab lacks. What depends only on Slack, people and their roles, the data
 * folder or the bot's restart is the same with any hosts, so the lab does not run it.
 */
export const itSimulated = target === "simulated" ? it : it.skip;

/**
 * It needs a minute or more in the lab. `npm run test:lab` runs it, and a short run (LAB_RUN=short) skips it by name.
 */
export const itAtLength = target === "lab" && process.env.LAB_RUN === "short" ? it.skip : it;

/**
 * A plan or refusal that is a case in `test/plan/` too, so `npm test` leaves it to that. `npm run test:all` and the lab
 * send it through the channel.
 */
export const itInFull = target === "lab" || process.env.ROWS === "all" ? itAtLength : it.skip;

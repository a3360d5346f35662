import { commands } from "../../src/bot.ts";
import type { Plan } from "../../src/core/plan.ts";
import { objectionText, type Step } from "../../src/core/step.ts";
import { factsFor } from "../../src/flow/facts.ts";
import { understand } from "../../src/language/understand.ts";
import { alice, type Story } from "./story.ts";
import { ending, luns } from "./target.ts";
import { addsStorage, changes, HOST1, storageIn } from "./two-clusters.ts";

const GIBIBYTE = 1024 ** 3;

/** A command that takes what a LUN holds. */
export interface PlanThatTakes {
  readonly words: string;
  readonly wwid: string;
  /** The programs of its steps that destroy, in their order. */
  readonly destroys: readonly string[];
  begins(story: Story): Promise<void>;
}

const fails = (program: string) => ({ kind: "fails", program, exitCode: 5, stderr: "I/O error" }) as const;
const add = `sharedblock add cluster-1 wwid=${luns.orphan} name=ps-2 wipe=true`;
const extend = `sharedblock extend ps-1 wwid=${luns.orphan} wipe=true`;

/** As vgextend leaves a LUN that was cut off before it took the disk into the group. */
async function leavesLabel(story: Story, words: string, typed: string, wwid: string): Promise<void> {
  await story.hosts.fault(HOST1, fails("vgextend"));
  await story.says(`/zstack ${words}`);
  await story.confirms(typed);
  await story.shows("Extend ps-1: failed");
  await story.hosts.heal(HOST1);
  await story.hosts.labels(wwid, "Qm3bDF-i1Sg-YU3g-h2jN-m7hr-H9Dh-qgmsnF");
}

export const plansThatTake: readonly PlanThatTakes[] = [
  { words: add, wwid: luns.orphan, destroys: ["wipefs", "vgcreate"], begins: async () => undefined },
  { words: extend, wwid: luns.orphan, destroys: ["wipefs", "vgextend"], begins: addsStorage },
  {
    words: "sharedblock delete ps-1 volumes=destroy",
    wwid: luns.blank,
    destroys: ["lvremove", "lvremove", "vgremove", "pvremove"],
    async begins(story) {
      await addsStorage(story);
      for (const name of ["vol-1", "vol-2"])
        await story.hosts.makesVolume(storageIn(story).uuid, name, GIBIBYTE, ["gold"]);
      await changes(story, "sharedblock detach ps-1 cluster-1");
      await story.shows("Detach ps-1 from cluster-1: done");
    },
  },
  {
    words: `lun rescue ${luns.orphan}`,
    wwid: luns.orphan,
    destroys: ["dd"],
    async begins(story) {
      await story.hosts.fault(HOST1, fails("vgcreate"));
      await story.says(`/zstack ${add}`);
      await story.confirms(ending(luns.orphan));
      await story.shows("Add ps-2 to cluster-1: failed");
      await story.hosts.heal(HOST1);
    },
  },
  {
    words: `lun rescue ${luns.orphan}`,
    wwid: luns.orphan,
    destroys: ["pvremove", "dd"],
    async begins(story) {
      await addsStorage(story);
      await leavesLabel(story, extend, ending(luns.orphan), luns.orphan);
    },
  },
  {
    words: `lun rescue ${luns.failedPath}`,
    wwid: luns.failedPath,
    destroys: ["pvremove"],
    async begins(story) {
      await addsStorage(story);
      await leavesLabel(story, `sharedblock extend ps-1 wwid=${luns.failedPath}`, "", luns.failedPath);
    },
  },
];

export const takesLun = (step: Step): boolean =>
  "command" in step && "loses" in step.command && step.command.loses === "LUN";

/** The plan of these words as it would be shown now. */
export async function planOf(story: Story, words: string): Promise<Plan> {
  const understood = understand(words, commands);
  if (understood.kind !== "command" || understood.command.kind !== "change") throw new Error(`${words} is no change`);
  const facts = factsFor({ words, by: alice, askedAt: "2026-11-29T10:00:00.000Z" }, story.bot.world);
  return understood.command.plan(understood.args, facts);
}

/** What the guard of a step says now. */
export async function reasonAgainst(step: Step, story: Story): Promise<string> {
  if (!("guard" in step) || step.guard === undefined) throw new Error("the step has no guard");
  const { hosts } = story.bot.world;
  const said = await Promise.all(step.guard.map((read) => read.ask((host, reads) => hosts.gather(host, reads))));
  return said.flatMap((each) => (each === null ? [] : [objectionText([each])])).join("\n");
}

import { beforeAll, describe, expect, it } from "vitest";
import { done, type Outcome, refused, unknown } from "../../src/core/outcome.ts";
import { type Plan, stepsOf } from "../../src/core/plan.ts";
import { plainLines } from "../../src/core/reply.ts";
import { asksOfLuns, commandOf, type Objection, objectionText, type Step } from "../../src/core/step.ts";
import { endReply } from "../../src/flow/end-reply.ts";
import { Progress } from "../../src/flow/progress.ts";
import { fileSystem } from "../../src/simulator/san/content.ts";
import { planned } from "../store/samples.ts";
import { InMemory } from "./in-memory.ts";

let plan: Plan;
let world: InMemory;
beforeAll(async () => {
  world = new InMemory([3], 2);
  plan = await world.plans(`sharedblock add cluster-1 wwid=${world.wwids[0]} name=ps-1`);
});

/** The end of the plan of which the steps of one program have this outcome; later stages are not begun. */
function ended(program: string, outcome: (step: Step) => Outcome) {
  const progress = new Progress(plan, () => new Date(0));
  for (const stage of plan.stages) {
    progress.began(stage);
    if (stage.kind === "record") progress.recorded(stage, null);
    else
      for (const step of stage.steps) {
        progress.finished(step, commandOf(step).argv[0] === program ? outcome(step) : done(null));
      }
    if (progress.stopped) break;
  }
  const reply = endReply({ ...planned, id: "op-1", nonce: "n" }, progress, { shown: [] }, new Date(0));
  return { error: reply.error, lines: plainLines(reply.parts) };
}

const objectionsTo = async (step: Step): Promise<Objection[]> => {
  const guard = "guard" in step ? (step.guard ?? []) : [];
  const answers = await Promise.all(guard.map((read) => read.ask((host, reads) => world.gather(host, reads))));
  return answers.filter((each) => each !== null);
};

describe("an end that is not done is an error with code, object, reasons and fix", () => {
  it.each<[string, Outcome, string]>([
    ["a command that failed", { kind: "failed", exitCode: 5, stderr: "I/O error" }, "STEP_FAILED"],
    ["a connection that was lost", unknown("connection lost"), "STEP_UNKNOWN"],
    ["a host that refuses sudo", refused("sudo does not let ops run vgcreate"), "STEP_NOT_BEGUN"],
  ])("%s", (_what, outcome, code) => {
    const { error, lines } = ended("vgcreate", () => outcome);
    expect(error).toMatchObject({ code, headline: "Add ps-1 to cluster-1 is not done" });
    expect(error?.reasons[0]).toMatch(/^bench-host1: /);
    expect(error?.fixes.length).toBeGreaterThan(0);
    expect(lines[0]).toMatch(new RegExp(`^${code} {2}\\d\\. Create the volume group$`));
  });

  it("a check that a host does not pass", () => {
    const progress = new Progress(plan, () => new Date(0));
    const check = stepsOf(plan).find((step) => "check" in step);
    if (check === undefined) throw new Error("no check");
    progress.finished(check, refused(`${check.host.name} does not see it`));
    const reply = endReply({ ...planned, id: "op-1", nonce: "n" }, progress, { shown: [] }, new Date(0));
    expect(reply.error?.code).toBe("STEP_NOT_PROVEN");
  });

  it("a guard that finds data on a LUN since the plan: the guard's own code, and its fix", async () => {
    const lun = world.san.state.luns[0];
    if (lun === undefined) throw new Error("no LUN");
    const before = lun.content;
    lun.content = fileSystem("ext4", "precious");
    world.san.changed();
    const guarded = stepsOf(plan).find((step) => "guard" in step && step.guard?.some((read) => asksOfLuns in read));
    if (guarded === undefined) throw new Error("no guard");
    const [first, ...others] = await objectionsTo(guarded);
    lun.content = before;
    world.san.changed();
    if (first === undefined) throw new Error("no objection");
    const text = objectionText([first, ...others]);
    expect(text).toMatch(/^CONTENT_CHANGED: bench-host1: on \S+ is now ext4/);
    const [reason, ...more] = [first, ...others].flatMap(({ reasons }) => reasons);
    if (reason === undefined) throw new Error("no reason");
    const { error, lines } = ended(commandOf(guarded).argv[0] ?? "", () => refused(text, [reason, ...more]));
    expect(error?.code).toBe("CONTENT_CHANGED");
    expect(lines[0]).toMatch(/^CONTENT_CHANGED {2}\d\. /);
  });
});

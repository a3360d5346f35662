import { beforeAll, describe, expect } from "vitest";
import type { Inventory } from "../../src/core/inventory.ts";
import { type Command, type Gestures, isKilled, isOf, losesHost, type Moment } from "./killed.ts";
import { textIn } from "./message-text.ts";
import { Story } from "./story.ts";
import { itSimulated } from "./target.ts";
import { type Whole, wholeOf } from "./whole.ts";

const LIMIT_MS = 480_000;

/** An operation that the bot is killed in. */
export interface Killable {
  readonly title: string;
  /** How the world comes to need it; answers the words, without `/zstack`. */
  readonly before: (story: Story) => Promise<string>;
  /** What confirms the plan; null where it runs without. */
  readonly confirms: ((story: Story) => Promise<unknown>) | null;
  /** Its changing commands, each kind once. The first is cut short before it did anything too; at the last its host is lost. */
  readonly steps: readonly Command[];
  /** Some of the commands that only prove something. */
  readonly checks?: readonly Command[];
  /** Where all was done before the bot died, the same words are refused so; null where they are done once more. */
  readonly nothingLeft: string | null;
  /** What comes about as often as if nothing had happened. */
  readonly once: RegExp;
  /** When the inventory is written: when all is done, before anything (a wish), both (a claim, then what became of it), or never. */
  readonly records: "last" | "first" | "both" | "never";
}

/** A host gets LVM's and sanlock's settings, and the services of the locks. */
export const settingSteps = (host: string): Command[] => [
  { host, program: "cp", argument: "/etc/lvm/lvmlocal.conf" },
  { host, program: "tee", argument: "/etc/lvm/lvmlocal.conf.zstack-chatops" },
  { host, program: "mv", argument: "/etc/lvm/lvmlocal.conf" },
  { host, program: "mkdir", argument: "/etc/sanlock" },
  { host, program: "tee", argument: "/etc/sanlock/sanlock.conf.zstack-chatops" },
  { host, program: "mv", argument: "/etc/sanlock/sanlock.conf" },
  { host, program: "systemctl", argument: "enable" },
];

/** What is on a LUN is kept, and then wiped. */
export const wipingSteps = (host: string): Command[] => [
  { host, program: "mkdir", argument: "0700" },
  { host, program: "dd" },
  { host, program: "wipefs", argument: "--no-act" },
  { host, program: "wipefs", argument: "--all", without: "--no-act" },
];

function momentsOf({ steps, checks = [], records }: Killable): { title: string; moment: Moment }[] {
  const nameOf = ({ host, program, argument = "" }: Command) => `${program} ${argument} on ${host}`;
  return [
    ...steps.slice(0, 1).map((command) => ({
      title: `${nameOf(command)}, which did nothing yet`,
      moment: { kind: "step" as const, ...command, after: "before" as const },
    })),
    ...steps.map((command) => ({
      title: `${nameOf(command)}, which did all`,
      moment: { kind: "step" as const, ...command, after: "effect" as const },
    })),
    ...checks.map((command) => ({
      title: `${nameOf(command)}, which proves something`,
      moment: { kind: "check" as const, ...command },
    })),
    ...(records === "never" ? [] : [{ title: "its record", moment: { kind: "record" as const } }]),
  ];
}

/** What matches of each line: the rest may have a name or a time by chance, and what is the group's any host of it may write. */
const timesOf = (wanted: RegExp, changes: readonly string[]): string[] =>
  changes.flatMap((line) => line.match(wanted)?.[0] ?? []).sort();

/** Tells of the bot killed at each step, and of a host lost: it says what is known, and the same words finish as if nothing had happened. */
export function tellsOfKills(what: string, operation: Killable): void {
  const { title, once, records } = operation;

  describe(`whenever the bot is killed during ${what}, the same words finish it`, () => {
    let untouched: Inventory;
    let whole: Whole;
    let changed: readonly string[];
    beforeAll(async () => {
      const story = await Story.begin();
      const words = await operation.before(story);
      const before = (await story.hosts.changes()).length;
      untouched = (await wholeOf(story)).inventory;
      await finishes(story, words, operation);
      whole = await wholeOf(story);
      changed = (await story.hosts.changes()).slice(before);
      await story.ends();
    }, LIMIT_MS);

    // What is compared is all that simulated hosts and their SAN are made of; of real hosts there is no such list.
    itSimulated("at each of the steps told of here: it has no others", () => {
      expect(whole.steps.filter((argv) => !operation.steps.some((step) => isOf(step, argv)))).toEqual([]);
    });

    /** The words once more, and what is then: as if nothing had happened. `done`: what had changed something before. */
    async function endsWell(story: Story, words: string, done: readonly string[]): Promise<void> {
      const before = (await story.hosts.changes()).length;
      await finishes(story, words, operation);
      expect(await wholeOf(story)).toEqual({ ...whole, steps: expect.anything() });
      const all = [...done, ...(await story.hosts.changes()).slice(before)];
      expect(timesOf(once, all)).toEqual(timesOf(once, changed));
    }

    itSimulated.for(momentsOf(operation))(
      "at $title",
      { timeout: LIMIT_MS },
      async ({ moment }, { onTestFinished }) => {
        const story = await Story.begin();
        onTestFinished(() => story.ends());
        const words = await operation.before(story);
        const done = await isKilled(story, moment, gesturesOf(operation, story, words));
        if (moment.kind === "record") await story.shows(new RegExp(`${title}: (unknown|done)`));
        else await story.shows(`${title}: unknown`, "The bot stopped while this ran", moment.program);
        // The inventory never says more than was seen.
        const { inventory } = await wholeOf(story);
        if (records === "both") expect(inventory).not.toEqual(whole.inventory);
        else if (moment.kind === "record" || records === "first")
          expect([untouched, whole.inventory]).toContainEqual(inventory);
        else expect(inventory).toEqual(untouched);
        await endsWell(story, words, done);
      },
    );

    itSimulated.for(operation.steps.slice(-1))(
      "or when $host is lost at $program",
      { timeout: LIMIT_MS },
      async (step, { onTestFinished }) => {
        const story = await Story.begin();
        onTestFinished(() => story.ends());
        const words = await operation.before(story);
        const before = (await story.hosts.changes()).length;
        await losesHost(story, step, gesturesOf(operation, story, words));
        await story.shows(`${title}: unknown`, "Not done", step.host);
        await story.hosts.heal(step.host);
        await endsWell(story, words, (await story.hosts.changes()).slice(before));
      },
    );
  });
}

/** How it is typed and confirmed; what runs without a plan begins with the words. */
function gesturesOf({ title, confirms }: Killable, story: Story, words: string): Gestures {
  const says = () => story.says(`/zstack ${words}`);
  if (confirms === null) return { asks: async () => undefined, confirms: says };
  const asks = async () => {
    await says();
    await story.shows(title, PLAN);
  };
  return { asks, confirms: () => confirms(story) };
}

const PLAN = "This plan lapses at";

/** Types the words, which are done or, where nothing is left, refused. */
async function finishes(story: Story, words: string, { title, confirms, nothingLeft }: Killable): Promise<void> {
  await story.says(`/zstack ${words}`);
  const answer = textIn(await story.shows(new RegExp(`${PLAN}|Refused|: done \\(`)));
  if (answer.includes("Refused")) {
    expect(answer).toContain(nothingLeft ?? `${title}: done`);
    return;
  }
  if (answer.includes(PLAN)) await confirms?.(story);
  await story.shows(`${title}: done (`);
}

import { beforeAll, describe, expect, it } from "vitest";
import type { Inventory } from "../../src/core/inventory.ts";
import { keepsBeginning } from "../scenario/beginnings.ts";
import { textIn } from "../scenario/message-text.ts";
import { Story } from "../scenario/story.ts";
import { type Actions, type Command, isKilled, isOf, losesHost, type Moment } from "./killed.ts";
import { type Whole, wholeOf } from "./whole.ts";

const LIMIT_MS = 480_000;

/** The bot is killed at each step of one operation. `tables/index.ts` has all tables. */
export interface CrashTable {
  /** The command that is planned and run: `sharedblock add`. */
  readonly command: string;
  /** Distinguishes the tables of one command. */
  readonly when?: string;
  /** The plan's title. */
  readonly title: string;
  /** Makes the state in which the command is needed. Returns the command, without `/zstack`. */
  readonly before: (story: Story) => Promise<string>;
  /** Confirms the plan; null if the command needs no confirmation. */
  readonly confirms: ((story: Story) => Promise<unknown>) | null;
  /**
   * The commands that change hosts, one of each kind. The first one is also cut before it has done anything. At the
   * last one its host is lost.
   */
  readonly steps: readonly Command[];
  /** Some of the commands that only check something. */
  readonly checks?: readonly Command[];
  /** The refusal of the same command, if everything was done before the bot died. null: it is done once more. */
  readonly nothingOmitted: string | null;
  /** Commands that must run as often as without a kill; null if they may run again. */
  readonly once: RegExp | null;
  /** When the inventory is written: last; first (a desired state); both (a claim, then its result); or never. */
  readonly records: "last" | "first" | "both" | "never";
}

/** A host gets the settings of LVM and sanlock, and the services of the locks. */
export const settingSteps = (host: string): Command[] => [
  { host, program: "cp", argument: "/etc/lvm/lvmlocal.conf" },
  { host, program: "tee", argument: "/etc/lvm/lvmlocal.conf.zstack-chatops" },
  { host, program: "mv", argument: "/etc/lvm/lvmlocal.conf" },
  { host, program: "mkdir", argument: "/etc/sanlock" },
  { host, program: "tee", argument: "/etc/sanlock/sanlock.conf.zstack-chatops" },
  { host, program: "mv", argument: "/etc/sanlock/sanlock.conf" },
  { host, program: "systemctl", argument: "enable" },
];

/** The content of a LUN is saved, and then wiped. */
export const wipingSteps = (host: string): Command[] => [
  { host, program: "mkdir", argument: "0700" },
  { host, program: "dd" },
  { host, program: "wipefs", argument: "--no-act" },
  { host, program: "wipefs", argument: "--all", without: "--no-act" },
];

const nameOf = ({ host, program, argument = "" }: Command) => `${program} ${argument} on ${host}`;

interface Row {
  readonly title: string;
  readonly moment: Moment;
  /** Whether `npm test` runs it too, not only ROWS=all. */
  readonly isInShortRun: boolean;
}

/**
 * `npm test` takes two: a step from the middle after its effect, and the write of the inventory, or else the first step
 * before its effect. Of a plan without steps it takes the checks.
 */
function rowsOf({ steps, checks = [], records }: CrashTable): Row[] {
  const middle = steps[Math.floor((steps.length - 1) / 2)];
  const rows: Row[] = [
    ...steps.slice(0, 1).map((command) => ({
      title: `${nameOf(command)}, before its effect`,
      moment: { kind: "step" as const, ...command, after: "before" as const },
      isInShortRun: records === "never",
    })),
    ...steps.map((command) => ({
      title: `${nameOf(command)}, after its effect`,
      moment: { kind: "step" as const, ...command, after: "effect" as const },
      isInShortRun: command === middle,
    })),
    ...checks.map((command) => ({
      title: `${nameOf(command)}, a read`,
      moment: { kind: "check" as const, ...command },
      isInShortRun: steps.length === 0,
    })),
    ...(records === "never"
      ? []
      : [{ title: "the write of the inventory", moment: { kind: "record" as const }, isInShortRun: true }]),
  ];
  return rows.filter(({ isInShortRun }) => isInShortRun || process.env.ROWS === "all");
}

/**
 * The matching part of each line. The rest may have a random name or a time. Any host of a group may write what
 * belongs to the group.
 */
const timesOf = (wanted: RegExp | null, changes: readonly string[]): string[] =>
  changes.flatMap((line) => (wanted === null ? [] : (line.match(wanted)?.[0] ?? []))).sort();

/**
 * The bot is killed at each step, and a host is lost. The bot reports what is known, and the same command finishes
 * the rest.
 */
export function testsCrashes(table: CrashTable): void {
  const { command, when, title, once, records } = table;
  const name = when === undefined ? command : `${command}, ${when}`;
  const beginning = `crash of ${name}`;

  describe(name, () => {
    let wordsAtFirst: string;
    let untouched: Inventory;
    let whole: Whole;
    let changed: readonly string[];
    // Once for all rows: each row begins on a copy of this state.
    beforeAll(async () => {
      const story = await Story.begin();
      wordsAtFirst = await table.before(story);
      untouched = (await wholeOf(story)).inventory;
      await story.restartsBot(() => keepsBeginning(beginning, story.directory));
      await finishes(story, wordsAtFirst, table);
      whole = await wholeOf(story);
      changed = await story.hosts.changes();
      await story.ends();
    }, LIMIT_MS);

    /** The bot is not yet started. */
    async function begun(onTestFinished: (end: () => Promise<void>) => void): Promise<{ story: Story; words: string }> {
      const story = await Story.from(beginning);
      if (story === null) throw new Error(`${beginning} was not kept`);
      onTestFinished(() => story.ends());
      const words = wordsAtFirst.replace(/(?<= port=)\d+/, (port) => String(story.movedPorts.get(Number(port))));
      return { story, words };
    }

    it("runs no steps that this table does not have", () => {
      expect(whole.steps.filter((argv) => !table.steps.some((step) => isOf(step, argv)))).toEqual([]);
    });

    /** The same command ends as without a kill. `done`: what had changed something before. */
    async function endsWell(story: Story, words: string, done: readonly string[]): Promise<void> {
      const before = (await story.hosts.changes()).length;
      await finishes(story, words, table);
      expect(await wholeOf(story)).toEqual({ ...whole, steps: expect.anything() });
      const all = [...done, ...(await story.hosts.changes()).slice(before)];
      expect(timesOf(once, all)).toEqual(timesOf(once, changed));
    }

    for (const { title: at, moment } of rowsOf(table)) {
      it(`killed at ${at}: the same command finishes it`, { timeout: LIMIT_MS }, async ({ onTestFinished }) => {
        const { story, words } = await begun(onTestFinished);
        const done = await isKilled(story, moment, actionsOf(table, story, words));
        if (moment.kind === "record") await story.shows(new RegExp(`${title}: (unknown|done)`));
        else await story.shows(`${title}: unknown`, "The bot stopped while this ran", moment.program);
        // The inventory never contains more than was observed.
        const { inventory } = await wholeOf(story);
        if (records === "both") expect(inventory).not.toEqual(whole.inventory);
        else if (moment.kind === "record" || records === "first")
          expect([untouched, whole.inventory]).toContainEqual(inventory);
        else expect(inventory).toEqual(untouched);
        await endsWell(story, words, done);
      });
    }

    for (const step of table.steps.slice(-1)) {
      it(`${step.host} lost at ${step.program}: the same command finishes it`, { timeout: LIMIT_MS }, async ({
        onTestFinished,
      }) => {
        const { story, words } = await begun(onTestFinished);
        await story.restartsBot();
        await losesHost(story, step, actionsOf(table, story, words));
        await story.shows(`${title}: unknown`, step.host);
        // Long steps follow in the thread.
        await story.shows("Not done", `on ${step.host}, unknown: `, step.program);
        await story.hosts.heal(step.host);
        await endsWell(story, words, await story.hosts.changes());
      });
    }
  });
}

/** How the command is typed and confirmed. An operation without a plan begins with the command itself. */
function actionsOf({ title, confirms }: CrashTable, story: Story, words: string): Actions {
  const says = () => story.says(`/zstack ${words}`);
  if (confirms === null) return { asks: async () => undefined, confirms: says };
  const asks = async () => {
    await says();
    await story.shows(title, PLAN);
  };
  return { asks, confirms: () => confirms(story) };
}

const PLAN = "Confirm before";

/** Types the command. It is done, or refused if nothing is left. */
async function finishes(story: Story, words: string, { title, confirms, nothingOmitted }: CrashTable): Promise<void> {
  await story.says(`/zstack ${words}`);
  const answer = textIn(await story.shows(new RegExp(`${PLAN}|Nothing was changed|: done \\(`)));
  if (answer.includes("Nothing was changed")) {
    expect(answer).toContain(nothingOmitted ?? `${title}: done`);
    return;
  }
  if (answer.includes(PLAN)) await confirms?.(story);
  await story.shows(`${title}: done (`);
}

import { beforeAll, describe, expect, it, vi } from "vitest";
import type { Reply } from "../../src/core/reply.ts";
import { planReply } from "../../src/flow/plan-reply.ts";
import { messageOf } from "../../src/slack/blocks.ts";
import type { MessageBlock } from "../../src/workspace/server/block-rules.ts";
import { messageContent } from "../../src/workspace/server/message-content.ts";
import { InMemory } from "../flow/in-memory.ts";
import { sizeOf } from "../scenario/rows.ts";
import { planned } from "../store/samples.ts";
import { linesShown } from "./lines-shown.ts";
import { wordsIn } from "./slack-limits.ts";

/** Ten storages, sixteen hosts and 200 LUNs are the most that a site can plausibly have. A message shows 100 rows. */
const [STORAGES, HOSTS, LUNS] = [10, sizeOf(8, 16), sizeOf(120, 200)];

let world: InMemory;
beforeAll(async () => {
  world = new InMemory([HOSTS, ...Array.from({ length: STORAGES - 1 }, () => 0)], LUNS);
  await world.does(await world.plans(addition()));
  world.records(
    Array.from({ length: STORAGES - 1 }, (_, index) => ({
      name: `ps-${index + 2}`,
      cluster: `cluster-${index + 2}`,
      wwids: world.wwids.slice(4 + index * 10, 14 + index * 10),
    })),
  );
});

const addition = (): string =>
  `sharedblock add cluster-1 wwid=${world.wwids.slice(0, 4).join(",")} name=ps-1 wipe=true`;

/** What Slack is sent: the message and those that follow it, or the ephemeral messages. */
function sent(reply: Reply, attaching: boolean): readonly (readonly MessageBlock[])[] {
  const message = messageOf({ reply: { ...reply, asked: "lun list cluster-1" } }, attaching);
  return [message, ...message.following].map((each) => messageContent(each).blocks);
}
const tablesOf = (blocks: readonly MessageBlock[]): string[] =>
  blocks.flatMap((block) =>
    block.type === "table" || block.type === "data_table" ? [wordsIn(block.rows[0]).slice(0, 2).join(" · ")] : [],
  );

/** The command, and the beginning of the one table of each message of its answer; null: a message without a table. */
const questions: [words: string, table: string | null, ...following: string[]][] = [
  ["zone list", "zone · clusters"],
  ["cluster list", "cluster · storage"],
  ["cluster show cluster-1", "cluster · status (observed)"],
  ["host list", null, "host · cluster"],
  ["host show bench-host1", "health · paths", "H:C:T:L · type"],
  ["lun list cluster-1", "LUN · seen by"],
  ["lun show cluster-1 FIRST", "health · paths"],
  ["multipath status cluster-1", "health · paths"],
  ["multipath status bench-host1", "health · paths"],
  ["fc list cluster-1", null, "host · port"],
  ["iscsi list cluster-1", null, "hosts · initiator"],
  ["sharedblock list", "storage · status (observed)"],
  ["sharedblock show ps-1", "LUN · seen by"],
  ["sharedblock show ps-1 refresh=false", null],
  ["inventory", "cluster · status (observed)", "storage · size"],
];

const tableOrNone = (table: string | null): string[] => (table === null ? [] : [table]);

describe("at a large site", () => {
  it.each(questions)(
    "the answer to %s is taken by Slack, with one table a message; so is the ephemeral one",
    async (words, ...tables) => {
      const reply = await world.answers(words.replace("FIRST", world.wwids[0] ?? ""));
      expect(sent(reply, true).map(tablesOf)).toEqual(tables.map(tableOrNone));
      const [ephemeral, ...more] = sent(reply, false);
      expect(more).toEqual([]);
      expect(tablesOf(ephemeral ?? [])).toEqual(tableOrNone(tables.find((table) => table !== null) ?? null));
    },
  );

  it("a plan is taken by Slack too, and its commands are in the thread before its buttons work", async () => {
    const plan = await world.plans(`sharedblock extend ps-1 wwid=${world.wwids.slice(-16).join(",")} wipe=true`);
    const reply = planReply(plan, { ...planned, id: "op-1", nonce: "n" });
    const [first, ...following] = sent(reply, true);
    expect(tablesOf(first ?? [])).toEqual(["LUN · seen by"]);
    expect(wordsIn(first).join("")).toContain("Commands, files and guards: in the thread.");
    expect(
      wordsIn(following)
        .join("")
        .match(/^vgextend /gm),
    ).toHaveLength(16);
  });

  it("a check of the cluster shows one fact of many hosts in one line", async () => {
    // The clocks of the simulated hosts differ from the time of the command, so that no host is ok. The clocks do not
    // move: hosts that are read one after another differ by the same time.
    vi.useFakeTimers({ toFake: ["Date"] });
    const answer = world.answers("cluster check cluster-1").finally(() => vi.useRealTimers());
    const [message = []] = sent(await answer, true);
    const lines = linesShown(message).join(" ");
    expect(lines).toMatch(/time on all \d+ hosts: /);
    expect(tablesOf(message)).toEqual([]);
  });

  it("hosts that differ from the others are in the message, not only in the thread", async () => {
    const [message = []] = sent(await world.answers("sharedblock show ps-1"), true);
    expect(message.map((block) => wordsIn(block).join("")).join("\n")).toContain(
      `Status, observed now\n• all ${HOSTS} hosts Connected`,
    );
  });
});

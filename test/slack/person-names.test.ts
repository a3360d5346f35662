import { describe, expect, it } from "vitest";
import { historyPart } from "../../src/core/history.ts";
import { runToEnd } from "../../src/core/parts.ts";
import type { Message } from "../../src/flow/ports.ts";
import { makingFileText, messageOf } from "../../src/slack/blocks.ts";
import { PersonNames } from "../../src/slack/person-names.ts";

const list: Message = {
  reply: {
    title: "The latest operation",
    tone: "plain",
    parts: [
      historyPart([
        {
          ...{ id: "op-1", state: "done", result: "all steps done", words: "zone list" },
          ...{ askedBy: "U0ALICE", askedAt: "2026-11-29T12:53:00Z", confirmedBy: "U0BOB" },
          decisions: [],
        },
      ]),
    ],
    next: [],
    record: ["Asked by ", { person: "U0ALICE" }],
  },
};
const blocksOf = (names: PersonNames): string => JSON.stringify(messageOf(names.shownIn(list), true).blocks);

describe("people in a list", () => {
  it("are shown by the name that Slack sent, without a mention", () => {
    const names = new PersonNames();
    names.note({ user_id: "U0ALICE", user_name: "alice", text: "operation list" });
    names.note({ type: "block_actions", user: { id: "U0BOB", name: "bob" } });
    const blocks = blocksOf(names);
    expect(blocks).toContain("@alice");
    expect(blocks).toContain("@bob");
    expect(blocks).not.toContain('"type":"user"');
  });

  it("are shown by their id as code while their name is not known", () => {
    const names = new PersonNames();
    names.note({ event: { user: "U0ALICE" } });
    names.note({ user_id: "U0BOB", user_name: "" });
    const blocks = blocksOf(names);
    for (const id of ["U0ALICE", "U0BOB"]) {
      expect(blocks).toContain(`{"type":"text","text":"${id}","style":{"code":true}}`);
    }
    expect(blocks).not.toContain('"type":"user"');
  });

  it("do not change who acts now: that person is mentioned", () => {
    const names = new PersonNames();
    names.note({ user_id: "U0ALICE", user_name: "alice" });
    expect(blocksOf(names)).toContain("<@U0ALICE>");
  });

  it("are shown by name in a long history too, which is a table, and in its file", () => {
    const names = new PersonNames();
    names.note({ user_id: "U0ALICE", user_name: "alice" });
    const operations = Array.from({ length: 300 }, (_, index) => ({
      ...{ id: `op-${index + 1}`, state: "done" as const, result: "all steps done", words: "zone list" },
      ...{ askedBy: "U0ALICE", askedAt: "2026-11-29T12:53:00Z", decisions: [] },
      confirmedBy: index % 2 === 0 ? "U0BOB" : "terminal:root",
    }));
    const reply = { ...list.reply, parts: [historyPart(operations)] };
    const { blocks, overflow } = messageOf(names.shownIn({ reply }), true);
    const table = blocks.find(({ type }) => type === "table");
    if (table?.type !== "table" || overflow === null) throw new Error("no table, or no file");
    const shown = new Set(table.rows.slice(1).flatMap((row) => row.map((cell) => JSON.stringify(cell))));
    const file = runToEnd(makingFileText(overflow));
    for (const person of ["@alice", "U0BOB", "root (in a terminal)"]) {
      expect(shown).toContain(JSON.stringify({ type: "raw_text", text: person }));
    }
    expect(file).toContain("@alice");
    for (const text of [JSON.stringify(table), file]) expect(text).not.toContain("U0ALICE");
  });

  it("keep the latest names, and no more than 1,000", () => {
    const names = new PersonNames();
    names.note({ user_id: "U0BOB", user_name: "bob" });
    for (let each = 0; each < 999; each++) names.note({ user_id: `U${each}`, user_name: `person-${each}` });
    expect(blocksOf(names)).toContain("@bob");
    names.note({ user_id: "U0ALICE", user_name: "alice" });
    expect(blocksOf(names)).not.toContain("@bob");
    names.note({ user_id: "U0ALICE", user_name: "alice2" });
    expect(blocksOf(names)).toContain("@alice2");
  });
});

describe("the name of a channel", () => {
  const command = (name: string) => ({
    ...{ user_id: "U0BOB", user_name: "bob" },
    channel_id: "C1",
    channel_name: name,
  });
  const click = (name: string) => ({ user: { id: "U0BOB", name: "bob" }, channel: { id: "C1", name } });

  it.each([
    ["a command", command],
    ["a click", click],
  ])("is kept from %s, unless Slack sent only what kind of channel it is", (_, payload) => {
    const names = new PersonNames();
    for (const kind of ["privategroup", "directmessage"]) names.note(payload(kind));
    expect(names.of("C1")).toBeNull();
    expect(names.of("U0BOB")).toBe("bob");
    names.note(payload("storage"));
    names.note(payload("privategroup"));
    expect(names.of("C1")).toBe("storage");
  });
});

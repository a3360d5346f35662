import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runToEnd } from "../../src/core/parts.ts";
import type { Part, Reply } from "../../src/core/reply.ts";
import { leastMessageOf, makingFileText, makingTexts, messageOf, type SlackMessage } from "../../src/slack/blocks.ts";
import { recordBlocks } from "../../src/slack/buttons.ts";
import { runsOf } from "../scenario/rows.ts";
import { replies } from "./arbitrary-reply.ts";
import { type ShownBlock, shownMessage, textIn, wordsIn } from "./slack-limits.ts";

const reply = (...parts: Part[]): Reply => ({ title: "LUNs of cluster-1", tone: "plain", parts, next: [] });
const shown = (value: Reply) => shownMessage.parse(messageOf({ reply: value }, true));
/** The text of a message's file. */
const fileText = ({ overflow }: Pick<SlackMessage, "overflow">): string =>
  overflow === null ? expect.fail("there is no file") : runToEnd(makingFileText(overflow));
const fileOf = (value: Reply): string => fileText(messageOf({ reply: value }, true));
const ofType = <T extends ShownBlock["type"]>(blocks: readonly ShownBlock[], type: T) =>
  blocks.filter((block): block is Extract<ShownBlock, { type: T }> => block.type === type);
const table = (rows: number, columns: number, characters: number) => ({
  kind: "table" as const,
  columns: Array.from({ length: columns }, () => "c".repeat(characters)),
  rows: Array.from({ length: rows - 1 }, () => Array.from({ length: columns }, () => "x".repeat(characters))),
});

describe("a message", () => {
  it("keeps Slack's limits with any content of the reply", () => {
    const buttons = fc.constantFrom(undefined, {
      operationId: "op-12",
      seal: "d.n",
      verb: "Wipe and Add",
      warning: null,
      form: null,
    });
    const nextButtons = fc.array(
      fc.record({ label: fc.string(), words: fc.string({ maxLength: 200 }), seal: fc.constant("s".repeat(24)) }),
      { maxLength: 10 },
    );
    fc.assert(
      fc.property(replies, buttons, nextButtons, (value, decision, next) => {
        const message = shownMessage.parse(
          messageOf(
            decision === undefined ? { reply: value, nextButtons: next } : { reply: value, buttons: decision },
            true,
          ),
        );
        expect(message.text.length + textIn(message.blocks)).toBeLessThanOrEqual(13_000);
      }),
      { numRuns: runsOf(80) },
    );
  });
  it("shows each part in order: header, text, fields, table, code, what to type next", () => {
    const message = shown({
      title: "Done",
      tone: "good",
      parts: [
        { kind: "text", text: ["Asked by ", { person: "U1" }, ": ", { code: "lun list cluster-1" }] },
        {
          kind: "fields",
          fields: [
            ["State", "Enabled"],
            ["Hosts", "3"],
          ],
        },
        { kind: "table", caption: "LUNs", columns: ["WWID", "Size"], rows: [["36b0", ""]] },
        { kind: "code", caption: "On every host", lines: ["vgchange --lockstart a", "lvs"] },
      ],
      next: ["sharedblock show ps-1"],
    });
    expect(wordsIn(message.blocks)).toEqual([
      "Done",
      ...["✅ ", "Asked by ", "U1", ": ", "lun list cluster-1"],
      ...["State: ", "Enabled", "\n", "Hosts: ", "3"],
      "LUNs",
      ...["WWID", "Size", "36b0", "–"],
      "On every host",
      "vgchange --lockstart a\nlvs",
      ...["Type next", "\n", "/zstack sharedblock show ps-1"],
    ]);
    expect(message.overflow).toBeNull();
    expect(message.text).toBe(
      "✅ Done\nAsked by @U1: lun list cluster-1\nState: Enabled\nHosts: 3\nLUNs: 1 row\nType next: /zstack sharedblock show ps-1",
    );
  });
  it("has a button for each next step, and their commands in one line", () => {
    const next = ["sharedblock show ps-1", "help", 'sharedblock rename ps-1 new=""'];
    const nextButtons = [
      { label: "Show ps-1", words: "sharedblock show ps-1", seal: "abc" },
      { label: "Help", words: "help", seal: "def" },
    ];
    const message = shownMessage.parse(messageOf({ reply: { ...reply(), next }, nextButtons }, true));
    const [actions] = ofType(message.blocks, "actions");
    expect(actions?.elements).toEqual([
      expect.objectContaining({ action_id: "run-1", value: "abc sharedblock show ps-1" }),
      expect.objectContaining({ action_id: "run-2", value: "def help" }),
    ]);
    expect(actions?.elements.some((button) => "style" in button && button.style !== undefined)).toBe(false);
    expect(wordsIn(message.blocks)).toEqual([
      "LUNs of cluster-1",
      ...["Show ps-1", "Help"],
      "Or type: /zstack sharedblock show ps-1 · /zstack help",
      ...["Type next", "\n", '/zstack sharedblock rename ps-1 new=""'],
    ]);
  });
  it("never mentions a person because of a value", () => {
    const value = "<!channel> <@U1> <http://x|y> &lt;";
    const message = shown({
      title: value,
      tone: "plain",
      parts: [
        { kind: "text", text: [value, { code: value }, { person: "terminal:root" }] },
        { kind: "table", columns: [value], rows: [[value]] },
      ],
      next: [value],
    });
    expect(message.text).not.toContain("<");
    expect(message.text).toContain("&lt;!channel&gt; &lt;@U1&gt;");
    // No block here is mrkdwn: the schema allows only plain, raw and rich text. Slack shows them unchanged.
    const json = JSON.stringify(message.blocks);
    expect(json).not.toContain("mrkdwn");
    expect(json).not.toContain('"type":"user"');
    expect(wordsIn(message.blocks)).toContain("root (in a terminal)");
  });
  it("shows a time in its reader's own time zone, and to others in words", () => {
    const message = shown(reply({ kind: "text", text: ["It ends at ", { at: "2026-11-29T01:18:11.250Z" }, "."] }));
    expect(JSON.stringify(message.blocks)).toContain('"type":"date","timestamp":1795915091');
    expect(wordsIn(message.blocks).slice(1)).toEqual(["It ends at ", "2026-11-29 01:18:11 UTC", "."]);
    expect(message.text).toContain("It ends at 2026-11-29 01:18:11 UTC.");
  });
  it("shows characters that hide or reverse text", () => {
    expect(wordsIn(shown(reply({ kind: "text", text: "36b0\u202e8f\u0000" })).blocks)).toContain(
      "36b0\\u202e8f\\u0000",
    );
  });
});

describe("a table", () => {
  it("of a hundred rows, or of 10,000 characters, is complete", () => {
    const rows = shown(reply(table(100, 5, 10)));
    expect(ofType(rows.blocks, "table")[0]?.rows).toHaveLength(100);
    expect(rows.overflow).toBeNull();
    const characters = shown(reply(table(50, 20, 10)));
    expect(textIn(characters.blocks.filter(({ type }) => type === "table"))).toBe(10_000);
    expect(characters.overflow).toBeNull();
  });
  it("of more rows is shortened, and is complete in the file", () => {
    const value = reply(table(251, 2, 5));
    const message = shown(value);
    expect(ofType(message.blocks, "table")[0]?.rows).toHaveLength(100);
    expect(wordsIn(message.blocks)).toContain("…and 151 more rows in the file");
    expect(wordsIn(message.blocks)).toContain(
      "Shortened. Everything is in the file luns-of-cluster-1.txt in the thread.",
    );
    expect(fileOf(value).match(/xxxxx {2}xxxxx/g)).toHaveLength(250);
  });
  it("of more columns shows twenty, with a note", () => {
    const message = shown(reply(table(3, 23, 2)));
    expect(ofType(message.blocks, "table")[0]?.rows[0]).toHaveLength(20);
    expect(wordsIn(message.blocks)).toContain("…and 3 more columns in the file");
    expect(message.overflow).not.toBeNull();
  });
  it("leaves space for the parts after it", () => {
    const message = shown(reply(table(90, 4, 100), { kind: "text", text: "This can't be undone." }));
    expect(ofType(message.blocks, "table")[0]?.rows.length).toBeGreaterThan(10);
    expect(wordsIn(message.blocks)).toContain("This can't be undone.");
  });
  it("without rows has a note", () => {
    const message = shown(reply({ kind: "table", caption: "Hosts", columns: ["Name"], rows: [] }));
    expect(wordsIn(message.blocks)).toEqual(["LUNs of cluster-1", "Hosts", " (none)"]);
    expect(message.overflow).toBeNull();
  });
});

describe("of several tables", () => {
  const hosts = {
    kind: "table" as const,
    caption: "Hosts",
    columns: ["host", "status"],
    rows: [["host1", "Connected"]],
  };
  const paths = {
    kind: "table" as const,
    caption: "Left",
    columns: ["host", "map", "dead paths"],
    rows: [
      ["host1", "mpatha", "sdb, sdc"],
      ["host2", "", "sdd"],
    ],
  };

  it("the compared table stays a table; the others are lines with their columns' names", () => {
    const message = shown(reply({ ...hosts, compared: true as const }, paths));
    expect(message.blocks.map(({ type }) => type)).toEqual(["header", "data_table", "rich_text"]);
    expect(wordsIn(message.blocks.at(-1))).toEqual([
      ...["Left", "\n"],
      ...["host1: ", "map mpatha · dead paths sdb, sdc", "\n"],
      ...["host2: ", "map – · dead paths sdd"],
    ]);
    expect(message.following).toEqual([]);
    expect(message.overflow).toBeNull();
  });
  it("the compared table can be sorted, numbers by their value; it is a plain table if Slack does not know the other kind", () => {
    const sizes = { ...hosts, columns: ["host", "size"], rows: [["host1", "2.19 TB"]], numbers: { 1: [2_190] } };
    const value = { reply: reply({ ...sizes, compared: true as const }) };
    const [table] = ofType(shownMessage.parse(messageOf(value, true)).blocks, "data_table");
    expect(table).toMatchObject({ caption: "Hosts", row_header_column_index: 0 });
    expect(table?.rows[1]?.[1]).toEqual({ type: "raw_number", value: 2_190, text: "2.19 TB" });
    const basic = shownMessage.parse(messageOf(value, true, { kinds: "basic" }));
    expect(basic.blocks.map(({ type }) => type)).toEqual(["header", "rich_text", "table"]);
  });
  it("the longest one stays a table if the reply marks none", () => {
    const message = shown(reply(hosts, paths));
    expect(message.blocks.map(({ type }) => type)).toEqual(["header", "rich_text", "rich_text", "table"]);
    expect(wordsIn(message.blocks[1])).toEqual(["Hosts", " (host · status)", "\n", "host1: ", "Connected"]);
  });
  it("one with more rows names its columns once", () => {
    const rows = Array.from({ length: 5 }, (_, index) => [`host${index}`, "mpatha", "sdb"]);
    const message = shown(reply({ ...hosts, compared: true as const }, { ...paths, rows }));
    expect(wordsIn(message.blocks.at(-1)).slice(0, 5)).toEqual([
      ...["Left", " (host · map · dead paths)", "\n"],
      ...["host0: ", "mpatha · sdb"],
    ]);
  });
  it("one without rows has a note, and replaces no other", () => {
    const message = shown(reply({ ...paths, rows: [], compared: true as const }, hosts));
    expect(message.blocks.map(({ type }) => type)).toEqual(["header", "rich_text", "rich_text", "table"]);
    expect(wordsIn(message.blocks[1])).toEqual(["Left", " (none)"]);
  });
  it("a long one follows in the thread, complete", () => {
    const message = shown(reply({ ...hosts, compared: true as const }, { ...table(40, 3, 10), caption: "Maps" }));
    expect(wordsIn(message.blocks.at(-1))).toEqual(["Maps:", " 39 rows, in the thread"]);
    const [follow] = message.following;
    expect(ofType(follow?.blocks ?? [], "table")[0]?.rows).toHaveLength(40);
    expect(follow?.text).toBe("Maps: 39 rows (LUNs of cluster-1)");
    expect(message.overflow).toBeNull();
  });
  it("a long one that does not fit into a message is complete in the file", () => {
    const value = reply({ ...table(150, 3, 10), caption: "Maps" }, table(160, 3, 10));
    const message = shown(value);
    expect(message.following).toHaveLength(1);
    expect(fileOf(value).match(/xxxxxxxxxx {2}xxxxxxxxxx {2}xxxxxxxxxx/g)).toHaveLength(149 + 159);
  });
  it("a long one is lines, as far as they fit, if there is no thread", () => {
    const long = messageOf(
      { reply: reply({ ...hosts, compared: true as const }, { ...table(90, 9, 30), caption: "Maps" }) },
      false,
    );
    expect(long.following).toEqual([]);
    expect(wordsIn(long.blocks).join("")).toMatch(/…and \d+ more rows/);
    expect(long.overflow).not.toBeNull();
  });
});

describe("the whole reply as aligned text", () => {
  it("is in as many messages as it needs, each within Slack's limit, and its content can't end the alignment", () => {
    fc.assert(
      fc.property(replies, (value) => {
        for (const text of runToEnd(makingTexts(value, 4))) {
          expect(text.length).toBeLessThanOrEqual(4_000);
          expect(text.match(/```/g)).toHaveLength(2);
        }
      }),
      { numRuns: runsOf(40) },
    );
    const texts = runToEnd(makingTexts(reply(table(90, 3, 20)), 4));
    expect(texts.join("").match(/x{20} {2}x{20} {2}x{20}/g)).toHaveLength(89);
  });
  it("counts the lines that are left, if there are any", () => {
    const [only, ...more] = runToEnd(makingTexts(reply(table(200, 3, 20)), 1));
    expect(more).toEqual([]);
    const shownRows = only?.match(/x{20} {2}x{20} {2}x{20}/g)?.length ?? 0;
    expect(only).toMatch(new RegExp(`…and ${199 - shownRows} more lines\\.$`));
  });
});

describe("a part that does not fit", () => {
  it("is counted in lines if it is code", () => {
    const lines = Array.from(
      { length: 400 },
      (_, index) => `wipefs --all /dev/mapper/mpath${index} --force ${"x".repeat(40)}`,
    );
    const value = reply({ kind: "code", lines });
    const message = shown(value);
    const note = wordsIn(message.blocks).find((each) => each.includes("more lines in the file"));
    const code = ofType(message.blocks, "rich_text")
      .flatMap((block) => wordsIn(block))
      .join("");
    const whole = lines.filter((line) => code.includes(line)).length;
    expect(note).toBe(`…and ${400 - whole} more lines in the file`);
    expect(fileOf(value)).toContain(lines[399]);
  });
  it("is cut if it is a title, a caption or a foot, and is complete in the file", () => {
    const long = "sharedblock-host1, ".repeat(20);
    const titled = { ...reply(), title: long };
    const captioned = reply({ kind: "code", caption: long, lines: ["lvs"] });
    for (const value of [titled, captioned, { ...reply(), foot: long }]) {
      expect(wordsIn(shown(value).blocks).join("")).toContain("Shortened. Everything is in the file");
      expect(fileOf(value).replaceAll("\n", " ")).toContain(long.trim());
    }
  });
  it("is shown by the same command if there is no file; that command is never cut", () => {
    const note = (asked: string) =>
      wordsIn(messageOf({ reply: { ...reply(table(251, 2, 5)), asked } }, false).blocks).at(-1);
    const [where, long] = ["in a channel where the bot is a member.", `sharedblock add c wwid=${"3".repeat(400)}`];
    expect(note("lun list c")).toBe(`Shortened. To see everything, send /zstack lun list c ${where}`);
    expect(note(long)).toBe(`Shortened. To see everything, send the same command ${where}`);
  });
  it("is left out completely if it is a next step, never cut", () => {
    const long = `sharedblock add ${"y".repeat(700)}`;
    const value = { ...reply(), next: ["lun list cluster-1", long] };
    const message = shown(value);
    expect(wordsIn(message.blocks)).toContain("/zstack lun list cluster-1");
    expect(wordsIn(message.blocks).join("")).not.toContain("yyy");
    expect(wordsIn(message.blocks)).toContain(
      "Shortened: 1 more command. Everything is in the file luns-of-cluster-1.txt in the thread.",
    );
    expect(fileOf(value)).toContain(long);
  });
});

describe("the smallest message", () => {
  it("is the title and the buttons, with everything else in the file, within the limits for any reply", () => {
    const buttons = { operationId: "op-7", seal: "d.n", verb: "Wipe and Add", warning: null, form: null };
    fc.assert(
      fc.property(replies, (value) => {
        const message = shownMessage.parse(leastMessageOf({ reply: value, buttons }));
        expect(message.blocks.map(({ type }) => type)).toEqual([
          ...["header", "context", "actions"],
          ...(recordBlocks(value).length === 0 ? [] : ["context"]),
        ]);
      }),
      { numRuns: runsOf(30) },
    );
    const code: Part = { kind: "code", lines: ["vgchange --lockstart a"] };
    expect(fileText(leastMessageOf({ reply: reply(code) }))).toContain("vgchange --lockstart a");
  });
});

describe("the buttons", () => {
  const message = (form: Parameters<typeof messageOf>[0]["buttons"]) =>
    form === undefined ? [] : shownMessage.parse(messageOf({ reply: reply(), buttons: form }, true)).blocks;

  it("have the operation's id and its seal, and name what they do; red if data will be lost, and with a dialog if no form follows", () => {
    const [actions] = ofType(
      message({ operationId: "op-7", seal: "d.n", verb: "Wipe and Add", warning: "All data is lost.", form: null }),
      "actions",
    );
    expect(actions?.elements.map(({ text, action_id, value, style }) => [text.text, action_id, value, style])).toEqual([
      ["Wipe and Add", "confirm", "op-7 d.n", "danger"],
      ["Cancel", "cancel", "op-7 d.n", undefined],
    ]);
    const dialog = actions?.elements.map(({ confirm }) => confirm);
    expect(wordsIn(dialog)).toEqual(["Wipe and Add?", "All data is lost.", "Wipe and Add", "Go Back"]);
    const [plain] = ofType(
      message({ operationId: "op-7", seal: "d.n", verb: "Wipe and Add", warning: null, form: null }),
      "actions",
    );
    expect(plain?.elements[0]).toMatchObject({ style: "primary" });
    expect(plain?.elements[0]?.confirm).toBeUndefined();
    const form = { summary: ["All data is lost."], typed: { expected: "bbe00a", label: "x" }, secrets: [] };
    const [typed] = ofType(
      message({ operationId: "op-7", seal: "d.n", verb: "Wipe and Add", warning: "All data is lost.", form }),
      "actions",
    );
    expect(typed?.elements[0]).toMatchObject({ style: "danger" });
    expect(typed?.elements[0]?.confirm).toBeUndefined();
  });
  it("have their own block_id for each plan, so that an older copy is recognised", () => {
    const of = (seal: string) =>
      ofType(message({ operationId: "op-7", seal, verb: "Add", warning: null, form: null }), "actions")[0]?.block_id;
    expect(of("digest.0123456789")).not.toBe(of("digest.9876543210"));
  });
});

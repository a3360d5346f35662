import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Part, Reply } from "../../src/core/reply.ts";
import { terminalText } from "../../src/text/plain-text.ts";
import { replies } from "../slack/arbitrary-reply.ts";

const reply = (...parts: Part[]): Reply => ({ title: "LUNs of cluster-1", tone: "plain", parts, next: [] });
const wwid = "36b083fe000daf018000015505abbe00a";

describe("a reply in a terminal", () => {
  it("has no blank line between texts of one line, and one between blocks", () => {
    const finding = (name: string): Part => ({
      kind: "text",
      tone: "warning",
      text: [{ bold: name }, ": 2 of 3 paths"],
    });
    const steps: Part = { kind: "text", text: [{ bold: "2 steps" }, "\n1. Wipe", "\n2. Create"] };
    const undo: Part[] = ["Undo: none", "Confirm before 20:39 UTC."].map((text) => ({ kind: "text", text }));
    expect(terminalText(reply(finding("LUN a"), finding("LUN b"), steps, ...undo), 100, false)).toBe(
      `LUNs of cluster-1

! LUN a: 2 of 3 paths
! LUN b: 2 of 3 paths

2 steps
1. Wipe
2. Create

Undo: none
Confirm before 20:39 UTC.
`,
    );
  });

  it("is aligned, in the order of its parts", () => {
    const text = terminalText(
      {
        title: "LUNs of cluster-1",
        tone: "warning",
        parts: [
          { kind: "text", text: ["Asked by ", { person: "terminal:root" }, ": ", { code: "lun list cluster-1" }] },
          {
            kind: "fields",
            fields: [
              ["Zone", "ZONE-1"],
              ["Primary storage", "ps-1"],
            ],
          },
          {
            kind: "table",
            caption: "LUNs",
            columns: ["WWID", "Size"],
            rows: [
              [wwid, "2 TiB"],
              ["36f0", ""],
            ],
          },
          { kind: "code", caption: "On every host", lines: ["multipath -ll", "lvs"] },
          { kind: "table", columns: ["Host"], rows: [] },
        ],
        next: ["lun show cluster-1 36f0", "help"],
      },
      100,
      false,
    );
    expect(text).toBe(`! LUNs of cluster-1

Asked by terminal:root: \`lun list cluster-1\`

Zone:            ZONE-1
Primary storage: ps-1

LUNs
WWID                               Size
${wwid}  2 TiB
36f0

On every host
  multipath -ll
  lvs

(none)

Type next:
  lun show cluster-1 36f0
  help
`);
  });
  it("writes a table that is too wide as a paragraph a row, and cuts nothing", () => {
    const table: Part = {
      kind: "table",
      columns: ["WWID", "sharedblock-host1", "Model"],
      rows: [
        [wwid, "2/2", "MD32xx"],
        ["36f0", "", "LUN"],
      ],
    };
    expect(terminalText(reply(table), 40, false)).toBe(`LUNs of cluster-1

WWID               ${wwid}
sharedblock-host1  2/2
Model              MD32xx

WWID               36f0
Model              LUN
`);
  });
  it("aligns Chinese by the columns it takes", () => {
    const table: Part = {
      kind: "table",
      columns: ["名称", "n"],
      rows: [
        ["存储", "1"],
        ["abcd", "2"],
      ],
    };
    expect(terminalText(reply(table), 80, false)).toContain("名称  n\n存储  1\nabcd  2\n");
  });
  it("breaks long text between words only", () => {
    const text = terminalText(reply({ kind: "text", text: `a bb ${wwid} c dd` }), 10, false);
    expect(text).toContain(`a bb\n${wwid}\nc dd`);
  });
  it("colours by tone when asked, and writes no escape when not", () => {
    const value: Reply = { ...reply({ kind: "code", lines: ["lvs"] }), tone: "bad" };
    expect(terminalText(value, 80, true)).toContain("\u001b[31m");
    expect(terminalText(value, 80, false)).not.toContain("\u001b");
  });
  it("can't be driven by what a host printed: control characters are escaped", () => {
    const text = terminalText(reply({ kind: "code", lines: ["\u001b[2J\u0007\u009b1m\u202e\ta"] }), 80, false);
    expect(text).toContain("\\u001b[2J\\u0007\\u009b1m\\u202e    a");
    fc.assert(
      fc.property(replies, fc.integer({ min: 20, max: 200 }), (value, width) => {
        expect(terminalText(value, width, false)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
      }),
      { numRuns: 50 },
    );
  });
});

import { describe, expect, it } from "vitest";
import { commands } from "../../src/all-commands.ts";
import { buttonLabel } from "../../src/language/button-label.ts";
import { understand } from "../../src/language/understand.ts";

const wwid = "36b083fe000daf018000015505abbe00a";
const labelOf = (words: string): string => {
  const understood = understand(words, commands);
  if (understood.kind !== "command") throw new Error(`not understood: ${words}`);
  return buttonLabel(understood.command, understood.args);
};

describe("the label of a button", () => {
  it.each([
    ["sharedblock show ps-1", "Show ps-1"],
    ["host rescan sharedblock-host3", "Rescan sharedblock-host3"],
    ["cluster check cluster-1", "Check cluster-1"],
    ["lun list cluster-1", "List LUNs of cluster-1"],
    [`lun show cluster-1 ${wwid}`, "Show LUN …bbe00a"],
    [`sharedblock add cluster-1 wwid=${wwid}`, "Add Storage to cluster-1"],
    ["inventory", "Show Inventory"],
    ["multipath status cluster-1", "Show Paths of cluster-1"],
    ["sharedblock list refresh=true", "List Storages"],
    ["operation show op-7", "Show op-7"],
    ["help lun list", "Help lun list"],
    ["help", "Help"],
    [`cluster check ${"x".repeat(60)}`, `Check …${"x".repeat(27)}`],
  ])("of %j is %j", (words, label) => {
    expect(labelOf(words)).toBe(label);
  });

  it("of any command begins with a verb in Title Case, and fits a phone", () => {
    for (const { examples } of commands) {
      for (const example of examples) {
        expect(labelOf(example)).toMatch(/^[A-Z]/);
        expect(labelOf(example).length).toBeLessThanOrEqual(50);
      }
    }
  });
});

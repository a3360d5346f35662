import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { visible, visibleLines } from "../../src/text/visible.ts";

describe("a text that a host gave", () => {
  it.each([
    ["a control", "a\u0000\u001b[2J\u007f\u009b", "a\\u0000\\u001b[2J\\u007f\\u009b"],
    ["a line end", "a\nb\rc\td\u2028e\u2029f\u0085", "a\\nb\\rc\\td\\u2028e\\u2029f\\u0085"],
    ["direction", "a\u202eb\u2066c\u200f\u061c", "a\\u202eb\\u2066c\\u200f\\u061c"],
    ["no width", "a\u200b\u200c\u200d\u2060\ufeff\u00ad", "a\\u200b\\u200c\\u200d\\u2060\\ufeff\\u00ad"],
    ["a filler", "\u3164\u115f\u1160\uffa0\u034f\u17b4\u180e", "\\u3164\\u115f\\u1160\\uffa0\\u034f\\u17b4\\u180e"],
    ["a tag", "a\u{e0061}\u{e007f}\u{e0001}", "a\\u{e0061}\\u{e007f}\\u{e0001}"],
    ["a variation selector", "a\ufe0f\ufe00\u{e0100}", "a\\ufe0f\\ufe00\\u{e0100}"],
    [
      "an unusual blank",
      "\u00a0\u1680\u2000\u2007\u200a\u202f\u205f\u3000\u2800",
      "\\u00a0\\u1680\\u2000\\u2007\\u200a\\u202f\\u205f\\u3000\\u2800",
    ],
    ["private use", "\ue000\u{f0000}", "\\ue000\\u{f0000}"],
    ["unassigned", "\u0378\u{1fffe}", "\\u0378\\u{1fffe}"],
    ["half a pair", "a\ud83db", "a\\ud83db"],
    ["an object", "\ufffc", "\\ufffc"],
    ["a letter of mathematics", "\u{1d5d0}\u{1d7d8}", "\\u{1d5d0}\\u{1d7d8}"],
    ["a mark on nothing", "\u0301a", "\\u0301a"],
    ["a mark on a sign, a digit or an escape", "-\u0338 1\u20e3 \u200b\u0301", "-\\u0338 1\\u20e3 \\u200b\\u0301"],
    ["a letter struck through", "l\u0338s", "l\\u0338s"],
    ["another alphabet's letter in a Latin word", "vg_d\u0430t\u0430 \u03bfk", "vg_d\\u0430t\\u0430 \\u03bfk"],
    ["a tower of marks", `ж${"\u0301".repeat(6)}`, `ж${"\u0301".repeat(4)}\\u0301\\u0301`],
  ])("shows %s as it is written in code", (_kind, text, shown) => {
    expect(visible(text)).toBe(shown);
    expect(visibleLines(`x\n${text.replaceAll(/[\r\n\t]/g, "")}`)).toHaveLength(2);
  });

  it.each([
    "plain ASCII, with 'quotes' and \\u200b as typed",
    "存储-1 数据盘，主存储",
    "Größe ÅÄÖ ñ ç",
    "Gro\u0308\u00dfe e\u0301 ệ e\u0323\u0302",
    "Данные хранилища",
    "vg_база а b Ρόδος-1 10 kΩ \\u200bх",
    "بيانات עברית",
    "हिन्दी ไทย ที่ বাংলা",
    "한국어 データ ﾃﾞｰﾀ",
    "· — … – ✅ ❌ ⏳ € 3 × 4 °",
  ])("leaves %s as it is", (text) => {
    expect(visible(text)).toBe(text);
  });

  it("never holds what can't be seen, and is the same when shown twice", () => {
    const hidden = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u;
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
        const shown = visible(text);
        expect(shown).not.toMatch(hidden);
        expect(shown.split("\n")).toHaveLength(1);
        expect(visible(shown)).toBe(shown);
      }),
      { numRuns: 2_000 },
    );
  });
});

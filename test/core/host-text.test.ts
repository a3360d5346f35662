import { describe, expect, it } from "vitest";
import { named, quoted } from "../../src/core/host-text.ts";
import { signatureLine } from "../../src/storage/observe/contents.ts";

const labelled = (label: string) =>
  signatureLine({ offsetBytes: 1080, type: "ext4", uuid: null, label, isPartitionTable: false });

describe("a host's text in a sentence of the bot", () => {
  it.each([
    ["data", '"data"'],
    ["", '""'],
    ['" · no signature', '"\\" · no signature"'],
    ["\\", '"\\\\"'],
    ['\\" at byte 0', '"\\\\\\" at byte 0"'],
    ["” · „ “ ″ ＂ 〞", '"\\u201d · \\u201e \\u201c \\u2033 \\uff02 \\u301e"'],
    ["x\nwipefs --all -- /dev/sda\u2028\u0085", '"x\\u000awipefs --all -- /dev/sda\\u2028\\u0085"'],
    ["it's 数据 «x»", '"it\'s 数据 \\u00abx\\u00bb"'],
  ])("is in quotes that it can't end: %s", (text, shown) => {
    expect(quoted(text)).toBe(shown);
    expect(JSON.parse(quoted(text))).toBe(text);
    expect(labelled(text)).toBe(`ext4 ${shown} at byte 1080`);
  });

  it.each([
    ["/mnt/data", "/mnt/data"],
    ["[SWAP]", "[SWAP]"],
    ["vm-数据.1", "vm-数据.1"],
    ["", '""'],
    ["/mnt/x at byte 0", '"/mnt/x at byte 0"'],
    ["nobody; no signature", '"nobody; no signature"'],
    ["a\nb", '"a\\u000ab"'],
  ])("is a name, without quotes if it is one word: %s", (text, shown) => {
    expect(named(text)).toBe(shown);
  });
});

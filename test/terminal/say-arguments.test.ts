import { describe, expect, it } from "vitest";
import { sayArguments } from "../../src/terminal/say-arguments.ts";

const plain = { yes: false, breakGlass: null, folder: "." };

describe("what is typed after say", () => {
  it.each([
    [["zone list"], { ...plain, words: "zone list" }],
    [["zone", "list"], { ...plain, words: "zone list" }],
    [["host remove h1 --yes"], { ...plain, words: "host remove h1", yes: true }],
    [["--yes", "host remove h1"], { ...plain, words: "host remove h1", yes: true }],
    [["--break-glass", "ps-1 is down", "zone add Z"], { ...plain, words: "zone add Z", breakGlass: "ps-1 is down" }],
    [["zone add Z", "--break-glass", "ps-1 is down"], { ...plain, words: "zone add Z", breakGlass: "ps-1 is down" }],
    [["audit export", "--folder", "/tmp/a b"], { ...plain, words: "audit export", folder: "/tmp/a b" }],
  ])("%j is read", (given, read) => {
    expect(sayArguments(given)).toEqual(read);
  });

  it.each([
    [[]],
    [["--yes"]],
    [["--break-glass"]],
    [["--break-glass", "why"]],
    [["zone add Z", "--break-glass", " "]],
    [["--break-glass", "--yes", "zone add Z"]],
    [["audit export", "--folder"]],
  ])("%j lacks its words or a value", (given) => {
    expect(sayArguments(given)).toBeNull();
  });
});

import { describe, expect, it } from "vitest";
import { forbiddenWords } from "./forbidden.ts";
import { rewritten } from "./rewritten.ts";
import { filesUnder, writtenIn } from "./texts.ts";
import { longSentencesIn, violationsIn, violationsOf } from "./violations.ts";

describe("the words of docs/GLOSSARY.md", () => {
  it("has a word to write for each word that we don't use", () => {
    expect(forbiddenWords().length).toBeGreaterThan(60);
    expect(forbiddenWords().filter(({ instead }) => instead === "")).toEqual([]);
  });

  it.each([
    ["The plan lapses at 20:39.", ["lapses"]],
    ["Mends it anew", ["Mends", "anew"]],
    ["a machine, two machines", ["machine", "machines"]],
    ["it takes\n  off the label", ["takes\n  off"]],
    ["1 step(s)", ["step(s)"]],
    ["so it is told.", ["told"]],
  ])("finds forbidden words: %j", (text, words) => {
    expect(
      violationsOf(text)
        .map((each) => /^"([^"]*)"/.exec(each)?.[1])
        .sort(),
    ).toEqual(words.sort());
  });

  it.each([
    "look-alikes.ts and src/looks/lun.ts, machine-id, a stand-in",
    "We recommend it; amended; understand it; outstanding",
    "This looks like a virtual machine. VM stands for virtual machine.",
    "The volume lock is held by host1",
  ])("leaves other words alone: %s", (text) => {
    expect(violationsOf(text)).toEqual([]);
  });

  it.each(rewritten)("are kept in the texts and titles of %s", (path) => {
    expect(violationsIn(path, ["text", "title"])).toEqual([]);
  });

  it.each(rewritten)("are kept in the comments of %s", (path) => {
    expect(violationsIn(path, ["comment"])).toEqual([]);
  });

  it.each(rewritten)("are in sentences of at most 20 words in %s", (path) => {
    expect(longSentencesIn(path)).toEqual([]);
  });

  it.each([
    ["src/core/reply.ts", "text"],
    ["test/words/words.test.ts", "title"],
    ["test/host/cases/listDiskIds/crlf.json", "title"],
    ["test/plan/zone-add/a-new-name.json", "title"],
    ["scripts/build.mjs", "comment"],
    [".ci/run", "text"],
    ["deploy/Containerfile", "text"],
    ["src/workspace/page/styles/page.css", "text"],
  ])("are read in %s", (path, kind) => {
    expect(filesUnder(path.slice(0, path.lastIndexOf("/")))).toContain(path);
    expect(writtenIn(path).map((each) => each.kind)).toContain(kind);
  });

  it.runIf(process.env.WORDS)(`WORDS=${process.env.WORDS ?? ""}: what is to be rewritten there`, () => {
    const found = (process.env.WORDS ?? "")
      .split(",")
      .flatMap((path) => violationsIn(path, ["text", "title", "comment"]));
    expect(found).toEqual([]);
  });
});

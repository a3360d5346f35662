import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commands } from "../../src/bot.ts";
import { type ErrorCode, errorCodes } from "../../src/core/error-codes.ts";
import { errorReply } from "../../src/core/error-reply.ts";
import { errorsDocument } from "../../src/core/errors-document.ts";
import { errorLines, operatorError, Refusal, reason, refuse } from "../../src/core/refusal.ts";
import { plainLines } from "../../src/core/reply.ts";

const root = join(import.meta.dirname, "../..");
const sources = ["src", "commands"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name)),
);
const textOf = (file: string): string => readFileSync(join(root, file), "utf8");

describe("the table of error codes", () => {
  it("is docs/ERRORS.md; npm run errors writes it", () => {
    expect(textOf("docs/ERRORS.md")).toBe(errorsDocument());
  });

  it.each(Object.entries(errorCodes))("%s has a meaning and a fix", (code, { meaning, fix }) => {
    expect(code).toMatch(/^[A-Z]+(_[A-Z]+)+$|^(BUSY|FROZEN)$/);
    expect(meaning).toMatch(/^[A-Z].*\.$/);
    expect(fix).toMatch(/^[a-z].*[^.]$/);
  });

  it("has only codes that the source uses", () => {
    const all = sources
      .filter((file) => file !== "src/core/error-codes.ts")
      .map(textOf)
      .join("\n");
    expect(Object.keys(errorCodes).filter((code) => !all.includes(`"${code}"`))).toEqual([]);
  });
});

const refuses = (file: string): boolean => /from "[./]*(core\/)?refusal\.ts"/.test(textOf(file));

/** Commands in the source by how they are offered: `run: "…"` fixes, `next: ["…"]` only shows. */
const offered = (pattern: RegExp): { file: string; words: string }[] =>
  sources
    .filter(refuses)
    .flatMap((file) =>
      [...textOf(file).matchAll(pattern)]
        .flatMap(([, list = ""]) => [...list.matchAll(/[`"]([a-z][a-z ]*)/g)])
        .map(([, words = ""]) => ({ file, words: words.trim() })),
    );
const kindOf = (words: string) =>
  commands.find(({ name }) => words === name || words.startsWith(`${name} `))?.kind ?? "none";

describe("what an error offers", () => {
  it("is a fix only if it changes something", () => {
    const fixes = offered(/\brun: ([`"][^`"\n]*)/g);
    expect(fixes.length).toBeGreaterThan(40);
    expect(fixes.filter(({ words }) => !["change", "action"].includes(kindOf(words)))).toEqual([]);
  });

  it("is a next step if it only shows", () => {
    const next = offered(/\bnext: \[([^\]]*)\]/g);
    expect(next.length).toBeGreaterThan(40);
    expect(next.filter(({ words }) => kindOf(words) === "none")).toEqual([]);
  });
});

describe("an error", () => {
  const inUse = reason("LUN_IN_USE", "open on host2 by VM vm-db (disk sda)", "detach the disk from VM vm-db");
  const unseen = reason("LUN_NOT_SEEN", "host3 does not see it", {
    first: "map it to host3",
    run: "host rescan host3",
  });

  it("shows its code, the object, each reason and each fix on a line of its own", () => {
    const error = operatorError("LUN …bbe00a can't be added to cluster-1", [unseen, inUse], { next: ["lun list c1"] });
    expect(errorLines(error)).toEqual([
      "LUN_IN_USE  LUN …bbe00a can't be added to cluster-1",
      "• host3 does not see it",
      "• open on host2 by VM vm-db (disk sda)",
      "Fix: 1. map it to host3",
      "Fix: 2. /zstack host rescan host3",
      "Fix: detach the disk from VM vm-db",
      "Next: /zstack lun list c1",
    ]);
  });

  it("is a reply with the same lines", () => {
    const reply = errorReply(operatorError("LUN …bbe00a can't be added", inUse));
    expect([reply.title, ...plainLines(reply.parts).flatMap((part) => part.split("\n"))]).toEqual([
      "LUN_IN_USE  LUN …bbe00a can't be added",
      "• open on host2 by VM vm-db (disk sda)",
      "Fix: detach the disk from VM vm-db",
    ]);
  });

  it("has the code of its gravest reason, in any order", () => {
    for (const reasons of [[inUse, unseen] as const, [unseen, inUse] as const]) {
      expect(operatorError("x", reasons).code).toBe("LUN_IN_USE" satisfies ErrorCode);
    }
  });

  it("has the fix of its code if its reasons have none, and names equal reasons and fixes once", () => {
    const plain = reason("HOST_UNREADABLE", "host1: vgs: exit code 5");
    const error = operatorError("x", [plain, plain]);
    expect(error.reasons).toEqual(["host1: vgs: exit code 5"]);
    expect(error.fixes).toEqual([errorCodes.HOST_UNREADABLE.fix]);
    expect(operatorError("x", [inUse, inUse]).fixes).toHaveLength(1);
  });

  it("is thrown only if there is a reason", () => {
    expect(() => refuse("x can't be done", [])).not.toThrow();
    expect(() => refuse("x can't be done", [inUse])).toThrow(Refusal);
    expect(() => refuse("x can't be done", [inUse])).toThrow(/^LUN_IN_USE: x can't be done: open on host2/);
  });
});

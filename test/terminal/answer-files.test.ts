import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { AnswerFiles } from "../../src/terminal/answer-files.ts";
import { newDirectory } from "./program.ts";

const taken = (folder: string): AnswerFiles => {
  const files = new AnswerFiles(folder);
  files.take({ name: "audit.csv", text: "a,", isLast: false });
  files.take({ name: "audit.csv", text: "b\r\n", isLast: true });
  files.take({ name: "audit.jsonl", text: "{}\n", isLast: true });
  return files;
};

describe("the files of an answer at a terminal", () => {
  it("are written completely, for their user alone", async () => {
    const folder = await newDirectory();
    expect(await taken(folder).write()).toEqual([join(folder, "audit.csv"), join(folder, "audit.jsonl")]);
    expect(await readFile(join(folder, "audit.csv"), "utf8")).toBe("a,b\r\n");
    expect(await readFile(join(folder, "audit.jsonl"), "utf8")).toBe("{}\n");
    expect((await stat(join(folder, "audit.csv"))).mode & 0o777).toBe(0o600);
  });

  it("overwrite nothing: if one exists, none is written", async () => {
    const folder = await newDirectory();
    await writeFile(join(folder, "audit.jsonl"), "mine");
    await expect(taken(folder).write()).rejects.toMatchObject({
      error: {
        reasons: [`${join(folder, "audit.jsonl")} exists already`],
        fixes: [expect.stringContaining("--folder")],
      },
    });
    expect(await readdir(folder)).toEqual(["audit.jsonl"]);
    expect(await readFile(join(folder, "audit.jsonl"), "utf8")).toBe("mine");
  });

  it("are refused with the reason if the folder can't be written", async () => {
    const folder = join(await newDirectory(), "none");
    await expect(taken(folder).write()).rejects.toMatchObject({ error: { code: "TERMINAL_REFUSED" } });
  });

  it("stay in their folder, and a file without its end is not written", async () => {
    const folder = await newDirectory();
    const files = new AnswerFiles(folder);
    files.take({ name: "../outside.csv", text: "x", isLast: true });
    files.take({ name: "half.csv", text: "x", isLast: false });
    expect(await files.write()).toEqual([join(folder, "outside.csv")]);
    expect(await readdir(folder)).toEqual(["outside.csv"]);
  });
});

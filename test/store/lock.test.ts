import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockDirectory } from "../../src/store/lock.ts";
import { argumentsOf } from "../programs.ts";
import { newDirectory, uuid } from "./samples.ts";

type Holder = ChildProcessByStdio<Writable, Readable, null>;

describe("the lock of a data folder", () => {
  let directory: string;
  const started: Holder[] = [];
  beforeEach(async () => {
    directory = await newDirectory();
  });
  afterEach(() => {
    for (const holder of started.splice(0)) holder.kill("SIGKILL");
  });

  function start(): Holder {
    const program = [...argumentsOf("lock-holder"), directory];
    const holder = spawn(process.execPath, program, { stdio: ["pipe", "pipe", "inherit"] });
    started.push(holder);
    return holder;
  }
  const said = async (holder: Holder): Promise<string> => String((await once(holder.stdout, "data"))[0]).trim();

  it("one process has it, and the others can name that process, until it is released", async () => {
    const lock = await lockDirectory(directory);
    if ("heldByPid" in lock) throw new Error("nobody held it");
    expect(await said(start())).toBe(`locked: ${process.pid}`);
    expect(await lockDirectory(directory)).toEqual({ heldByPid: process.pid });
    await lock.release();
    const next = start();
    expect(await said(next)).toBe("locked");
    next.stdin.end();
    await once(next, "exit");
    expect(await readdir(directory)).toEqual([]);
  });

  it("is free again when its holder is killed", async () => {
    const holder = start();
    expect(await said(holder)).toBe("locked");
    expect(await lockDirectory(directory)).toEqual({ heldByPid: holder.pid });
    holder.kill("SIGKILL");
    await once(holder, "exit");
    expect(await readdir(directory)).toHaveLength(1);
    expect(await lockDirectory(directory)).toHaveProperty("release");
  });

  it("does not belong to another process with the number of the one that is gone", async () => {
    const claim = { pid: process.pid, startTime: "1", boot: null };
    await writeFile(join(directory, "bot-00000000-0000-4000-8000-000000000000.lock"), JSON.stringify(claim));
    expect(await lockDirectory(directory)).toHaveProperty("release");
  });

  it("does not belong to a claim that a power failure left empty, nor to other files", async () => {
    await writeFile(join(directory, "bot-00000000-0000-4000-8000-000000000000.lock"), "");
    await writeFile(join(directory, `${uuid(1)}.lock`), "");
    expect(await lockDirectory(directory)).toHaveProperty("release");
  });

  it("is got by exactly one of several that start together, over the claim of a dead one", async () => {
    const dead = start();
    await said(dead);
    dead.kill("SIGKILL");
    await once(dead, "exit");
    const answers = await Promise.all(Array.from({ length: 4 }, () => said(start())));
    expect(answers.filter((answer) => answer === "locked")).toHaveLength(1);
    expect(answers.filter((answer) => answer.startsWith("locked: "))).toHaveLength(3);
  });

  it("is got by exactly one of many in the same tick", async () => {
    const locks = await Promise.all(Array.from({ length: 10 }, () => lockDirectory(directory)));
    expect(locks.filter((lock) => "release" in lock)).toHaveLength(1);
  });
});

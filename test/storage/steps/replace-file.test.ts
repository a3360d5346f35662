import { spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Gathered, Reads } from "../../../src/core/host-command.ts";
import type { Host } from "../../../src/core/inventory.ts";
import { done, type Outcome, unknown } from "../../../src/core/outcome.ts";
import { commandOf, type Gather, objectionText, type Step } from "../../../src/core/step.ts";
import { readRealPath } from "../../../src/host/file.ts";
import { replaceFile } from "../../../src/storage/steps/replace-file.ts";

const host: Host = {
  uuid: "7c9e6679742540de944be07fc1f90ae7",
  name: "host1",
  clusterUuid: "7c9e6679742540de944be07fc1f90ae8",
  address: "10.0.0.1",
  port: 22,
  user: "root",
  hostKeySha256: "SHA256:x",
  sanlockHostId: null,
};

/** Reads this computer. */
const gather: Gather = async <R extends Reads>(_host: Host, reads: R) => {
  const seen = Object.entries(reads).map(([name, { argv, parse }]): [string, Outcome] => {
    const [program, ...args] = argv;
    const { stdout, stderr, status } = spawnSync(program, args, { encoding: "utf8" });
    try {
      return [name, done(parse({ stdout, stderr, exitCode: status ?? -1 }))];
    } catch (error) {
      return [name, unknown(String(error))];
    }
  });
  // Every key of R has the outcome of its own read.
  return Object.fromEntries(seen) as Gathered<R>;
};

function realpathOf(path: string): string {
  const { argv, parse } = readRealPath(path);
  const [program, ...args] = argv;
  const { stdout, stderr, status } = spawnSync(program, args, { encoding: "utf8" });
  return parse({ stdout, stderr, exitCode: status ?? -1 });
}

/** Runs the steps here like the flow. Returns the reason that prevented one, or null. */
async function run(steps: readonly Step[]): Promise<string | null> {
  for (const step of steps) {
    for (const guard of ("guard" in step ? step.guard : undefined) ?? []) {
      const objection = await guard.ask(gather);
      if (objection !== null) return objectionText([objection]);
    }
    const { argv, stdin } = commandOf(step);
    const [program, ...args] = argv;
    expect(spawnSync(program, args, { input: stdin ?? "" }).status).toBe(0);
  }
  return null;
}

describe("a file that is given a new text", () => {
  let folder = "";
  let path = "";
  const file = (text: string | null) => ({ path, realPath: realpathOf(path), text });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "zstack-replace-"));
    path = join(folder, "hosts");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("has it if it did not change since the plan", async () => {
    writeFileSync(path, "old\n");
    expect(await run(replaceFile(host, file("old\n"), "new\n", "why"))).toBeNull();
    expect(readFileSync(path, "utf8")).toBe("new\n");
  });

  it("has it if it did not exist and does not exist", async () => {
    expect(await run(replaceFile(host, file(null), "new\n", "why"))).toBeNull();
    expect(readFileSync(path, "utf8")).toBe("new\n");
  });

  it.each([
    ["was changed", "old\n", "by a person\n"],
    ["was made", null, "by a person\n"],
    ["is not UTF-8 any more", "old\n", Buffer.from([0x61, 0xff, 0x0a])],
  ])("is not replaced if it %s since then", async (_what, before, now) => {
    writeFileSync(path, now);
    expect(await run(replaceFile(host, file(before), "new\n", "why"))).toMatch(new RegExp(`host1.*${path}`));
    expect(readFileSync(path)).toEqual(Buffer.from(now));
  });

  it("is not created if it was removed since then", async () => {
    writeFileSync(path, "old\n");
    const steps = replaceFile(host, file("old\n"), "new\n", "why");
    expect(await run(steps.slice(0, -1))).toBeNull();
    rmSync(path);
    expect(await run(steps.slice(-1))).toBe(
      `CONTENT_CHANGED: host1: ${path} changed since the plan, so it is not written`,
    );
    expect(existsSync(path)).toBe(false);
  });

  it.each(["file", "nothing"])("is the target of a link, and the link stays one, for a %s", async (what) => {
    const kept = join(folder, "kept");
    mkdirSync(kept);
    symlinkSync("kept/hosts.real", path);
    if (what === "file") writeFileSync(join(kept, "hosts.real"), "old\n", { mode: 0o640 });
    const steps = replaceFile(host, file(what === "file" ? "old\n" : null), "new\n", "why");
    expect(await run(steps)).toBeNull();
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(kept, "hosts.real"), "utf8")).toBe("new\n");
    if (what === "file") expect(lstatSync(join(kept, "hosts.real")).mode & 0o777).toBe(0o640);
  });

  it("is not replaced if its link has a new target with the same text", async () => {
    writeFileSync(join(folder, "one"), "old\n");
    writeFileSync(join(folder, "two"), "old\n");
    symlinkSync("one", path);
    const steps = replaceFile(host, file("old\n"), "new\n", "why");
    rmSync(path);
    symlinkSync("two", path);
    expect(await run(steps)).toMatch(/changed since the plan/);
    expect(readFileSync(path, "utf8")).toBe("old\n");
  });
});

import { execFile } from "node:child_process";
import { chmod, chown, mkdir, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeEach, describe, expect, it } from "vitest";
import { Refusal } from "../../src/core/refusal.ts";
import { exposureOf, takeDataFolder } from "../../src/store/private-files.ts";
import { newDirectory } from "./samples.ts";

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;
/** What a message says to type, typed. */
const type = (line: string) => promisify(execFile)("sh", ["-c", line || "false"]);

describe("a file that only the bot may read", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await newDirectory();
  });

  it.each([
    [0o644, "other users may read it (mode 644)"],
    [0o640, "other users may read it (mode 640)"],
    [0o620, "other users may write it (mode 620)"],
    [0o666, "other users may write it (mode 666)"],
  ])("of mode %o is refused, and the reported command fixes it", async (mode, why) => {
    const path = join(directory, "the bot's key");
    await writeFile(path, "");
    await chmod(path, mode);
    const exposed = await exposureOf(path);
    expect(exposed?.why).toBe(why);
    expect(exposed?.fix).toMatch(/^chmod 600 '/);
    await type(exposed?.fix ?? "");
    expect(await exposureOf(path)).toBeNull();
    expect(await modeOf(path)).toBe(0o600);
  });

  it("is asked behind a link", async () => {
    const path = join(directory, "key");
    await writeFile(path, "", { mode: 0o644 });
    await symlink(path, join(directory, "link"));
    expect((await exposureOf(join(directory, "link")))?.fix).toContain("chmod 600");
  });

  it.runIf(process.getuid?.() === 0)("belongs to the bot's own user", async () => {
    const path = join(directory, "key");
    await writeFile(path, "", { mode: 0o640 });
    await chown(path, 12_345, 12_345);
    const exposed = await exposureOf(path);
    expect(exposed?.why).toContain("uid 12345, the bot runs as uid 0)");
    expect(exposed?.fix).toBe(`chown root ${path} && chmod 600 ${path}`);
    await type(exposed?.fix ?? "");
    expect(await exposureOf(path)).toBeNull();
  });
});

describe("the data folder", () => {
  it("of a fresh clone becomes the bot's own, and that is reported once", async () => {
    const directory = await newDirectory();
    await writeFile(join(directory, "README.md"), "");
    await chmod(directory, 0o755);
    expect(await takeDataFolder(directory)).toContain("chmod 700");
    expect(await modeOf(directory)).toBe(0o700);
    expect(await takeDataFolder(directory)).toBeNull();
  });

  it("that others could read or change with what is in it is refused", async () => {
    const directory = await newDirectory();
    await writeFile(join(directory, "inventory.json"), "{}", { mode: 0o600 });
    await chmod(directory, 0o750);
    const refused = async () =>
      takeDataFolder(directory).then(
        () => null,
        (error: unknown) => (error instanceof Refusal ? error : null),
      );
    const fixOf = async () => String((await refused())?.error.fixes[0]);
    expect((await refused())?.message).toContain(`${directory}: other users may read it (mode 750)`);
    expect(await fixOf()).toBe(`chmod 700 ${directory}`);
    await type(await fixOf());
    expect(await refused()).toBeNull();

    for (const name of ["inventory.json", "operations.json", "audit.jsonl", "simulated-keys/client"]) {
      await mkdir(join(directory, "simulated-keys"), { recursive: true });
      await writeFile(join(directory, name), "{}");
      await chmod(join(directory, name), 0o664);
      expect((await refused())?.message).toContain("may write it (mode 664)");
      expect(await fixOf()).toBe(`chmod 600 ${join(directory, name)}`);
      await type(await fixOf());
      expect(await refused()).toBeNull();
    }
  });
});

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tutorialLuns } from "../../src/simulator/san/tutorial-san.ts";
import { startSimulatedHosts } from "../../src/simulator/simulated-hosts.ts";
import { byId, logIn } from "./on-host.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "san-"));
});
afterEach(() => rm(directory, { recursive: true }));

describe("a simulated SAN in a folder", () => {
  it("has a change on disk before the command's exit code is reported", async () => {
    const san = await startSimulatedHosts({ directory });
    const host = await logIn(san, "sharedblock-host1");
    await host.run(["wipefs", "--all", "--", byId(tutorialLuns.orphan)]);
    const saved = JSON.parse(await readFile(join(directory, "simulated-san.json"), "utf8"));
    const lun = saved.luns.find((one: { wwid: string }) => one.wwid === tutorialLuns.orphan);
    expect(lun.content.signatures).toEqual([]);
    host.close();
    await san.stop();
  });

  it("comes back with its keys, ports and contents", async () => {
    const before = await startSimulatedHosts({ directory });
    before.array.grow(tutorialLuns.blank, 3 * 1024 ** 4);
    await before.stop();
    const after = await startSimulatedHosts({ directory });
    expect(after.hosts).toEqual(before.hosts);
    expect(after.privateKey).toBe(before.privateKey);
    expect(after.array.lun(tutorialLuns.blank).sizeBytes).toBe(3 * 1024 ** 4);
    await after.stop();
  });

  it("says which port is taken, and what to do", async () => {
    const before = await startSimulatedHosts({ directory });
    await before.stop();
    const [first] = before.hosts;
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(first?.port, "127.0.0.1", resolve));
    await expect(startSimulatedHosts({ directory })).rejects.toThrow(
      new RegExp(`"sharedblock-host1": port ${first?.port} .*EADDRINUSE.*DATA_DIR`),
    );
    await new Promise((resolve) => other.close(resolve));
  });

  it.each([
    ["simulated-san.json", "{ half"],
    ["simulated-san.json", '{"version":1,"luns":[{}],"volumeGroups":[],"hosts":[]}'],
    ["simulated-keys/client", "no key"],
  ])("does not start on a damaged %s, and leaves it as it is", async (file, damage) => {
    await (await startSimulatedHosts({ directory })).stop();
    await writeFile(join(directory, file), damage);
    await expect(startSimulatedHosts({ directory })).rejects.toThrow(join(directory, file));
    expect(await readFile(join(directory, file), "utf8")).toBe(damage);
  });
});

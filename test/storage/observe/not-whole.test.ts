import { describe, expect, it } from "vitest";
import type { Facts } from "../../../src/core/facts.ts";
import type { Reads } from "../../../src/core/host-command.ts";
import type { Host, Inventory } from "../../../src/core/inventory.ts";
import { type Outcome, unknown } from "../../../src/core/outcome.ts";
import { outcomeOf } from "../../../src/ssh/outcome-of.ts";
import { observeStorageOn, perhapsDead } from "../../../src/storage/observe/storage-on-host.ts";
import { highestIdIn } from "../../../src/storage/plans/import.ts";
import { observeDeparture } from "../../../src/storage/plans/remove-host.ts";

const uuid = (digit: string) => digit.repeat(32);
const GROUP = uuid("7");
const hostCalled = (name: string, sanlockHostId: number): Host => ({
  ...{ uuid: uuid(String(sanlockHostId)), name, clusterUuid: uuid("c"), address: "127.0.0.1", port: 22, user: "root" },
  ...{ hostKeySha256: "SHA256:a", sanlockHostId },
});
const [HOST1, HOST2] = [hostCalled("host1", 1), hostCalled("host2", 2)];
const inventory: Inventory = {
  zones: [{ uuid: uuid("f"), name: "ZONE-1" }],
  clusters: [{ uuid: uuid("c"), name: "cluster-1", zoneUuid: uuid("f") }],
  hosts: [HOST1, HOST2],
  primaryStorages: [
    {
      ...{ uuid: GROUP, name: "ps-1", description: "", zoneUuid: uuid("f"), state: "Enabled", sharedBlocks: [] },
      clusterUuids: [uuid("c")],
    },
  ],
  lastSanlockHostId: 2,
};

const NO_DAEMON = { stdout: "", stderr: "", exitCode: 1 };
const printed = (stdout: string) => ({ stdout, stderr: "", exitCode: 0 });
const lease = (hostId: number, unchanged: number) =>
  `${hostId} timestamp 5\n    last_check=${100 + unchanged}\n    last_live=100\n    io_timeout=10\n    owner_name=x\n`;

/** host2 says nothing; host1's programs print this, and what is not named is not installed. */
function factsWith(outputs: Readonly<Record<string, { stdout: string; stderr: string; exitCode: number }>>): Facts {
  const gather = async (host: Host, reads: Reads) => {
    const seen: Record<string, Outcome> = {};
    for (const [key, read] of Object.entries(reads)) {
      const line = read.argv.join(" ");
      const found = Object.entries(outputs).find(([words]) => line.includes(words))?.[1];
      const missing = { stdout: "", stderr: "not found", exitCode: 127 };
      seen[key] = host === HOST1 ? await outcomeOf(read, found ?? missing, "root") : unknown("no route");
    }
    return seen;
  };
  return { inventory, gather } as unknown as Facts;
}

describe("an answer that is not understood completely", () => {
  it("proves no host dead", async () => {
    const holdsWith = (status: string) =>
      observeStorageOn(GROUP, [HOST1, HOST2], factsWith({ host_status: printed(status) }));
    expect(perhapsDead(await holdsWith(lease(1, 1))).map(({ name }) => name)).toEqual(["host2"]);
    expect(perhapsDead(await holdsWith(lease(1, 1) + lease(2, 5)))).toEqual([]);
    expect(perhapsDead(await holdsWith(`${lease(1, 1)}2 renewed at noon\n`))).toEqual([]);
  });

  it("does not show the lease of a host that leaves", async () => {
    const leftWith = async (status: string) =>
      (await observeDeparture(HOST2, factsWith({ host_status: printed(status), status: NO_DAEMON }))).left[0];
    expect((await leftWith(lease(1, 1)))?.without.map(({ name }) => name)).toEqual(["host1"]);
    const unclear = await leftWith(`${lease(1, 1)}2 renewed at noon\n`);
    expect([unclear?.seen, unclear?.without]).toEqual([[], []]);
  });

  it("shows no highest host id: the next host could get one in use", async () => {
    const idsWith = (status: string) => highestIdIn(GROUP, [HOST1], factsWith({ host_status: printed(status) }));
    expect(await idsWith(lease(1, 1))).toEqual({ highestId: 1, unread: [] });
    expect((await idsWith(`${lease(1, 1)}9 renewed at noon\n`)).unread.map(({ text }) => text).join()).toContain(
      "9 renewed at noon",
    );
  });

  it("leaves unknown which VMs use the storage", async () => {
    const [on] = await observeStorageOn(
      GROUP,
      [HOST1],
      factsWith({ virsh: printed("a VM in other words\n"), host_status: NO_DAEMON }),
    );
    expect(on?.vmsUnknown).toContain("a VM in other words");
  });
});

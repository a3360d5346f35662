import { expect, it } from "vitest";
import type { Host, PrimaryStorage } from "../../../src/core/inventory.ts";
import { type Departure, deadLeaseFacts, departureChecks } from "../../../src/storage/plans/remove-host.ts";

const HOST: Host = {
  uuid: "1".repeat(32),
  name: "host1",
  clusterUuid: "2".repeat(32),
  address: "127.0.0.1",
  port: 22,
  user: "root",
  hostKeySha256: "SHA256:a",
  sanlockHostId: 3,
};
const STORAGE: PrimaryStorage = {
  uuid: "3".repeat(32),
  name: "ps-1",
  description: "",
  zoneUuid: "4".repeat(32),
  state: "Enabled",
  clusterUuids: [HOST.clusterUuid],
  sharedBlocks: [],
};

const silentFor = (unchangedSeconds: number, ioTimeoutSeconds: number): Departure => {
  const by = { ...HOST, uuid: "5".repeat(32), name: "host2", sanlockHostId: 2 };
  const lease = { hostId: 3, ownerName: "a", released: false, unchangedSeconds, ioTimeoutSeconds };
  const left = [{ storage: STORAGE, seen: [{ by, lease }], without: [] }];
  return { host: HOST, storages: [STORAGE], silent: "down", leaseReasons: [], unread: null, left };
};

it("the waiting time follows from the I/O time-out of the dead host's sanlock", () => {
  expect(deadLeaseFacts(silentFor(400, 2)).join()).toMatch("dead 76 s after its last lease renewal");
  expect(deadLeaseFacts({ ...silentFor(400, 2), left: [] }).join()).toMatch("dead 140 s after");
});

it("a witness that left the lockspace since the plan was made is no proof of death", () => {
  const [step] = departureChecks(silentFor(400, 10));
  if (step === undefined || !("check" in step)) throw new Error("there is no check");
  expect(step.check.parse({ stdout: "", stderr: "", exitCode: 1 })).toMatch("can't say whether it is dead");
});

import { expect, it } from "vitest";
import type { Host, PrimaryStorage } from "../../../src/core/inventory.ts";
import { departureChecks } from "../../../src/sharedblock/removal/departure.ts";

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

it("a witness that left the lockspace since the plan was made is no proof of death", () => {
  const by = { ...HOST, uuid: "5".repeat(32), name: "host2", sanlockHostId: 2 };
  const lease = { hostId: 3, ownerName: "a", released: false, unchangedSeconds: 400, ioTimeoutSeconds: 10 };
  const left = [{ storage: STORAGE, seen: [{ by, lease }], without: [] }];
  const [step] = departureChecks({ host: HOST, storages: [STORAGE], silent: "down", holds: [], unread: null, left });
  if (step === undefined || !("check" in step)) throw new Error("there is no check");
  expect(step.check.parse({ stdout: "", stderr: "", exitCode: 1 })).toMatch("can't say whether it is dead");
});

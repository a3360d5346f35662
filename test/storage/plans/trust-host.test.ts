import { expect, it } from "vitest";
import type { Facts } from "../../../src/core/facts.ts";
import type { PresentedHost } from "../../../src/core/host-key.ts";
import { emptyInventory, type Host, type Inventory } from "../../../src/core/inventory.ts";
import { applyChange } from "../../../src/core/inventory-change.ts";
import { digestOf, planLines } from "../../../src/core/plan.ts";
import { planTrustHost } from "../../../src/storage/plans/trust-host.ts";
import { uuid } from "../../store/samples.ts";

const host = (number: number): Host => ({
  ...{ uuid: uuid(number), name: `host${number}`, clusterUuid: uuid(9), address: `10.0.0.${number}`, port: 22 },
  ...{ user: "root", hostKeySha256: `SHA256:${number}`, sanlockHostId: number },
});
const inventory: Inventory = {
  ...emptyInventory,
  zones: [{ uuid: uuid(8), name: "ZONE-1" }],
  clusters: [{ uuid: uuid(9), name: "cluster-1", zoneUuid: uuid(8) }],
  hosts: [host(1), host(2)],
};

/** The plan for `host1` if it shows this. */
function planFor(shown: Partial<PresentedHost>) {
  const value = { sha256: "SHA256:new", port: 22, user: "root", way: null, certificate: null, ...shown };
  const facts = { inventory, presentedBy: async () => ({ kind: "done", value, exitCode: null }) };
  return planTrustHost({ name: "host1" }, facts as unknown as Facts);
}

it("shows both fingerprints, and records the new one for this host only", async () => {
  const plan = await planFor({});
  expect(planLines(plan).join("\n")).toMatch(/trusted until now: SHA256:1\n?.*shown now: SHA256:new/s);
  const [changed] = plan.stages.flatMap((stage) => (stage.kind === "record" ? stage.changes : []));
  if (changed === undefined) throw new Error("nothing is recorded");
  expect(applyChange(inventory, changed).hosts).toEqual([{ ...host(1), hostKeySha256: "SHA256:new" }, host(2)]);
});

it("logs in with the new key before it is recorded", async () => {
  const [first] = (await planFor({})).stages;
  const hosts = first?.kind === "hosts" ? first.steps.map((step) => step.host) : [];
  expect(hosts).toEqual([{ ...host(1), hostKeySha256: "SHA256:new" }]);
});

it("is another plan for another key, another way or another certificate", async () => {
  const plans = await Promise.all([
    planFor({}),
    planFor({ sha256: "SHA256:third" }),
    planFor({ way: "10.9.9.9:22" }),
    planFor({ certificate: "none that counts: it expired" }),
  ]);
  expect(new Set(plans.map(digestOf)).size).toBe(4);
});

it("warns if another host has the key: they may have changed their addresses", async () => {
  expect(planLines(await planFor({ sha256: "SHA256:2" })).join("\n")).toContain(
    "host2 has the same key in the inventory",
  );
  expect(planLines(await planFor({})).join("\n")).not.toContain("has the same key");
});

it("is refused if nothing changed", async () => {
  await expect(planFor({ sha256: "SHA256:1" })).rejects.toThrow("NOTHING_TO_DO: The key of host1 can't be trusted");
});

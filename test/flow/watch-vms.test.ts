import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Facts } from "../../src/core/facts.ts";
import type { Acting } from "../../src/core/watch-facts.ts";
import { resolveIncident } from "../../src/watch/incident-acts.ts";
import { beginsVirtualTime, WatchedSan } from "./watched-san.ts";

beforeEach(() => beginsVirtualTime());
afterEach(() => void vi.useRealTimers());

const SIZES = { hosts: 2, luns: 2, ports: 2 };
type Path = { readonly host: number; readonly lun: number; readonly port: number };
const message = (san: WatchedSan): string => [...san.messages.values()][0] ?? "";

describe("the VMs at risk of an incident", () => {
  it.each([
    ["a critical one", ({ host, lun }: Path) => host === 0 && lun === 0],
    ["a warning", ({ port }: Path) => port === 1],
  ])("are named in %s", async (_severity, fails) => {
    const san = new WatchedSan(SIZES);
    san.vms = ["vm-1", "vm-2"];
    await san.starts();
    await san.passes(10);
    san.sets(false, fails);
    await san.passes(20);
    expect(message(san)).toContain("VMs that use it: vm-1, vm-2.");
  });

  it("are those of each host that it has, also of one that joins it later", async () => {
    const san = new WatchedSan(SIZES);
    san.vmsOn.set(0, ["vm-a"]).set(1, ["vm-b"]);
    await san.starts();
    await san.passes(40);
    san.sets(false, ({ host, lun }) => host === 0 && lun === 0);
    await san.passes(20);
    expect(message(san)).toContain("VMs that use it: vm-a.");
    san.sets(false, ({ host, lun }) => host === 1 && lun === 0);
    await san.passes(70);
    expect(san.titles).toHaveLength(1);
    expect(message(san)).toContain("VMs that use it: vm-a, vm-b.");
    await san.passes(400);
    expect(san.libvirtAsked.get(0)).toBe(2);
  });

  it("are at least those that a libvirt answered, if another one did not", async () => {
    const san = new WatchedSan(SIZES);
    san.vmsOn.set(0, ["vm-a"]).set(1, null);
    await san.starts();
    await san.passes(40);
    san.sets(false, ({ lun }) => lun === 0);
    await san.passes(20);
    expect(message(san)).toContain("VMs that use it: at least vm-a.");
  });

  it("are at least those of the hosts that were asked, if there are more hosts", async () => {
    const san = new WatchedSan({ ...SIZES, hosts: 7 });
    san.vms = ["vm-a"];
    await san.starts();
    await san.passes(40);
    san.sets(false, ({ lun }) => lun === 0);
    await san.passes(20);
    expect(message(san)).toContain("VMs that use it: at least vm-a.");
  });
});

describe("a degraded map that is in no open incident", () => {
  const kinds = new Set(["map degraded"] as const);
  const shown = (san: WatchedSan) => san.watch.failing(kinds).map(({ finding, why }) => [finding.hostUuid, why]);

  it("says why it is in none", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(40);
    san.sets(false, ({ host, lun, port }) => host === 0 && lun === 0 && port === 0);
    await san.passes(20);
    const [host, cluster] = [san.inventory.hosts[0]?.uuid, san.inventory.clusters[0]?.uuid ?? ""];
    expect(shown(san)).toEqual([[host, null]]);
    const facts = { watch: san.watch, inventory: san.inventory, now: Date.now } as unknown as Facts;
    const acting = { notes: san.watch, by: "U1", whyNotReached: async () => [] } as unknown as Acting;
    await resolveIncident({ id: "inc-1", reason: "the cable is known" }, facts, acting);
    await san.passes(10);
    expect(shown(san)).toEqual([[host, "resolved by hand: inc-1"]]);
    const until = new Date(Date.now() + 600_000).toISOString();
    await san.watch.pause({ clusterUuid: cluster, by: "U1", until, reason: "work" });
    await san.passes(10);
    expect(shown(san)).toEqual([[host, expect.stringContaining("The watch of cluster-1 is paused")]]);
  });
});

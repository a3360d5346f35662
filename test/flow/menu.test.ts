import { describe, expect, it } from "vitest";
import { commands } from "../../src/all-commands.ts";
import type { Cluster, PrimaryStorage } from "../../src/core/inventory.ts";
import { menuReply } from "../../src/flow/menu.ts";
import { NextButtons } from "../../src/flow/next-buttons.ts";
import { uuid } from "../store/samples.ts";

const cluster = (number: number): Cluster => ({ uuid: uuid(number), name: `cluster-${number}`, zoneUuid: uuid(9) });
const storage = { name: "ps-1" } as PrimaryStorage;
const buttons = new NextButtons(commands, "k".repeat(64));
const shown = (clusters: Cluster[], primaryStorages: PrimaryStorage[] = []) =>
  buttons.of(menuReply({ clusters, primaryStorages })).map(({ label, words }) => `${label}: ${words}`);

describe("the menu", () => {
  it("acts on the only cluster", () => {
    expect(shown([cluster(1)])).toEqual([
      "What's Wrong?: cluster check cluster-1",
      "LUNs: lun list cluster-1",
      "Paths: multipath status cluster-1",
      "Storages: sharedblock list",
      "Add Storage…: sharedblock add",
      "History: operation list",
      "Help: help",
    ]);
  });
  it("leaves out the name if there are several clusters, and offers Extend if there is a storage", () => {
    expect(shown([cluster(1), cluster(2)], [storage])).toEqual([
      "What's Wrong?: cluster check",
      "LUNs: lun list",
      "Paths: multipath status",
      "Storages: sharedblock list",
      "Add Storage…: sharedblock add",
      "Extend…: sharedblock extend",
      "History: operation list",
      "Help: help",
    ]);
  });
  it("explains how to begin if there is no cluster", () => {
    const reply = menuReply({ clusters: [], primaryStorages: [] });
    expect(reply.title).toBe("No cluster is in the inventory yet");
    expect(shown([])).toEqual([
      "Help zone add: help zone add",
      "Help cluster add: help cluster add",
      "Help host add: help host add",
      "Help: help",
    ]);
  });
});

describe("next steps", () => {
  const of = (next: readonly string[]) => buttons.of({ next }).map(({ words }) => words);
  it("are at most four buttons, of complete commands only", () => {
    expect(of(["zone list", "lun list", "sharedblock rename ps-1 new=", "help", "what is this", "host list"])).toEqual([
      "zone list",
      "help",
      "host list",
    ]);
    expect(of(["zone list", "help", "host list", "cluster list", "operation list"])).toHaveLength(4);
  });
  it("have one button for each label, and none for a command that is too long", () => {
    expect(of(["sharedblock list", "sharedblock list refresh=true"])).toEqual(["sharedblock list"]);
    expect(of([`zone add ${"x".repeat(3_000)}`])).toEqual([]);
  });
  it("have fixes first", () => {
    const error = {
      ...{ code: "BUSY" as const, headline: "x", reasons: ["y"], next: [] },
      fixes: ["wait", { run: "host rescan cluster-1", first: "wait" }],
    };
    expect(buttons.of({ next: ["zone list"], error }).map(({ label }) => label)).toEqual([
      "Rescan cluster-1",
      "List Zones",
    ]);
  });
  it("are recognised by their command and the key together", () => {
    const [button] = buttons.of({ next: ["zone list"] });
    if (button === undefined) throw new Error("no button");
    expect(buttons.areOwn(button)).toBe(true);
    expect(buttons.areOwn({ ...button, words: "zone add ZONE-9" })).toBe(false);
    expect(new NextButtons(commands, "o".repeat(64)).areOwn(button)).toBe(false);
  });
});

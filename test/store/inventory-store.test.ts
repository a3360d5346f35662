import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { emptyInventory } from "../../src/core/inventory.ts";
import { openInventoryStore } from "../../src/store/inventory-store.ts";
import { newDirectory, uuid, zoneAdded } from "./samples.ts";

describe("the inventory store", () => {
  it("applies all changes or none", async () => {
    const directory = await newDirectory();
    const store = await openInventoryStore(directory);
    await store.apply([zoneAdded(1)]);
    const orphan = { uuid: uuid(9), name: "cluster-9", zoneUuid: uuid(8) };
    await expect(store.apply([zoneAdded(2), { kind: "cluster added", cluster: orphan }])).rejects.toThrow(
      "cluster cluster-9 is in no zone",
    );
    expect(store.current().zones.map((zone) => zone.name)).toEqual(["ZONE-1"]);
    expect((await openInventoryStore(directory)).current()).toEqual(store.current());
  });

  it("loses none of two changes at once", async () => {
    const directory = await newDirectory();
    const store = await openInventoryStore(directory);
    await Promise.all([store.apply([zoneAdded(1)]), store.apply([zoneAdded(2)])]);
    expect((await openInventoryStore(directory)).current().zones).toHaveLength(2);
  });

  it("checks a change against one that is not on disk yet", async () => {
    const store = await openInventoryStore(await newDirectory());
    const sameName = { kind: "zone added", zone: { uuid: uuid(2), name: "ZONE-1" } } as const;
    const both = await Promise.allSettled([store.apply([zoneAdded(1)]), store.apply([sameName])]);
    expect(both.map((each) => each.status)).toEqual(["fulfilled", "rejected"]);
  });

  it("does not start from a file that breaks a rule", async () => {
    const directory = await newDirectory();
    const clusters = [{ uuid: uuid(1), name: "cluster-1", zoneUuid: uuid(2) }];
    const path = join(directory, "inventory.json");
    await writeFile(path, JSON.stringify({ version: 1, inventory: { ...emptyInventory, clusters } }));
    await expect(openInventoryStore(directory)).rejects.toThrow(
      `${path} can't be read: it is damaged: cluster cluster-1 is in no zone`,
    );
  });

  it("does not start from a file of another version", async () => {
    const directory = await newDirectory();
    await writeFile(join(directory, "inventory.json"), JSON.stringify({ version: 2, inventory: emptyInventory }));
    await expect(openInventoryStore(directory)).rejects.toThrow("version: ");
  });
});

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Grant } from "../../src/core/role.ts";
import { openRolesStore } from "../../src/store/roles-store.ts";
import { diskOf } from "./full-disk.ts";
import { newDirectory } from "./samples.ts";

const grant: Grant = { who: "U1", role: "operator", clusters: ["cluster-1"], by: "U2", at: "2026-11-30T10:00:00.000Z" };

describe("roles.json", () => {
  it("has what was granted, after a restart too, and the first grants only if there is no file", async () => {
    const directory = await newDirectory();
    const first = await openRolesStore(directory, [grant]);
    expect(first.grants()).toEqual([grant]);
    await first.changeGrants(() => [[], null]);
    await first.close();
    const second = await openRolesStore(directory, [grant]);
    expect(second.grants()).toEqual([]);
    await second.close();
  });

  it("prevents the start if it is damaged, and is left unchanged", async () => {
    const directory = await newDirectory();
    const path = join(directory, "roles.json");
    const text = JSON.stringify({ grants: [{ ...grant, role: "root" }], channels: [] });
    await writeFile(path, text);
    await expect(openRolesStore(directory, [])).rejects.toMatchObject({ error: { code: "DATA_FOLDER_UNUSABLE" } });
    expect(await readFile(path, "utf8")).toBe(text);
  });

  it("takes no grant that it could not read at the next start", async () => {
    const directory = await newDirectory();
    const store = await openRolesStore(directory, []);
    await store.changeGrants((all) => [[...all, grant], null]);
    await expect(store.changeGrants((all) => [[...all, { ...grant, who: "terminal:root" }], null])).rejects.toThrow(
      "roles.json is not changed: grants.0.who: ",
    );
    const { by: _, ...asked } = { ...grant, who: "terminal:root", message: null };
    await expect(store.changeRequests((all) => [[...all, asked], null])).rejects.toThrow(
      "roles.json is not changed: requests.0.who: ",
    );
    await store.close();
    const again = await openRolesStore(directory, []);
    expect(again.grants()).toEqual([grant]);
    await again.close();
  });

  it("a change that can't be written is not there", async () => {
    const directory = await newDirectory();
    const store = await openRolesStore(directory, []);
    const disk = await diskOf(directory);
    disk.fills();
    await expect(store.changeGrants((all) => [[...all, grant], null])).rejects.toThrow();
    expect(store.grants()).toEqual([]);
    disk.hasRoom();
    await store.changeGrants((all) => [[...all, grant], null]);
    expect(store.grants()).toEqual([grant]);
    disk.restore();
    await store.close();
  });
});

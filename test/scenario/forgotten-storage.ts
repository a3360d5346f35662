import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Story } from "./story.ts";
import { storageUuid } from "./with-storage.ts";

const fileSchema = z.looseObject({
  inventory: z.looseObject({ hosts: z.array(z.looseObject({})), primaryStorages: z.array(z.unknown()) }),
});

/** The volume group stays on the disks and the hosts keep their leases; the bot has never heard of them. */
export async function forgets(story: Story): Promise<string> {
  const uuid = storageUuid(story);
  await story.restartsBot(async () => {
    const file = join(story.directory, "inventory.json");
    const state = fileSchema.parse(JSON.parse(await readFile(file, "utf8")));
    const hosts = state.inventory.hosts.map((host) => ({ ...host, sanlockHostId: null }));
    const inventory = { ...state.inventory, hosts, primaryStorages: [], lastSanlockHostId: 0 };
    await writeFile(file, JSON.stringify({ ...state, inventory }));
  });
  return uuid;
}

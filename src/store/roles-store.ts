import { join } from "node:path";
import { z } from "zod";
import type { AccessNotes } from "../core/access-facts.ts";
import { boundChannelSchema, grantSchema } from "../core/role.ts";
import { type Closing, openJsonFile } from "./json-file.ts";

const schema = z.strictObject({
  grants: z.array(grantSchema).max(2_000),
  channels: z.array(boundChannelSchema).max(2_000),
});

/**
 * `roles.json` in the data folder. A missing file has the grants of `initial`. A damaged one throws: without it nobody
 * knows who was given a role, or from whom it was taken.
 */
export async function openRolesStore(
  directory: string,
  initial: Pick<z.output<typeof schema>, "grants">,
): Promise<Closing<AccessNotes>> {
  const file = await openJsonFile(join(directory, "roles.json"), schema, { ...initial, channels: [] });
  return {
    grants: () => file.read().grants,
    channels: () => file.read().channels,
    changeGrants: (change) =>
      file.update((latest) => {
        const [grants, result] = change(latest.grants);
        return [grants === latest.grants ? latest : { ...latest, grants: [...grants] }, result];
      }),
    changeChannels: (change) =>
      file.update((latest) => {
        const [channels, result] = change(latest.channels);
        return [channels === latest.channels ? latest : { ...latest, channels: [...channels] }, result];
      }),
    close: () => file.close(),
  };
}

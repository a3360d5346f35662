import { join } from "node:path";
import { z } from "zod";
import type { AccessNotes } from "../core/access-facts.ts";
import { boundChannelSchema, type Grant, grantSchema } from "../core/role.ts";
import { type Closing, openJsonFile } from "./json-file.ts";

const messageSchema = z.strictObject({ place: z.string().max(1_000), messageId: z.string().max(100) });
const schema = z.strictObject({
  grants: z.array(grantSchema).max(5_000),
  channels: z.array(boundChannelSchema).max(5_000),
  /** Questions for a role that nobody answered yet, the latest last. */
  requests: z
    .array(grantSchema.omit({ by: true }).extend({ message: messageSchema.nullable() }))
    .max(1_000)
    .default([]),
});
type Roles = z.output<typeof schema>;
type Changes = "grants" | "channels" | "requests" | "changeGrants" | "changeChannels" | "changeRequests";

/**
 * `roles.json` in the data folder. A missing file has the grants of `initial`. A damaged one throws: without it nobody
 * knows who was given a role, or from whom it was taken.
 */
export async function openRolesStore(
  directory: string,
  initial: readonly Grant[],
): Promise<Closing<Pick<AccessNotes, Changes>>> {
  const first: Roles = { grants: [...initial], channels: [], requests: [] };
  const file = await openJsonFile<Roles>(join(directory, "roles.json"), schema, first, { checksUpdates: true });
  return {
    grants: () => file.read().grants,
    channels: () => file.read().channels,
    requests: () => file.read().requests,
    changeGrants: (change) => file.update((latest) => withPart(latest, "grants", change(latest.grants))),
    changeChannels: (change) => file.update((latest) => withPart(latest, "channels", change(latest.channels))),
    changeRequests: (change) => file.update((latest) => withPart(latest, "requests", change(latest.requests))),
    close: () => file.close(),
  };
}

/** What did not change is not written. */
function withPart<K extends keyof Roles, R>(
  latest: Roles,
  key: K,
  [next, result]: readonly [next: readonly Roles[K][number][], result: R],
): readonly [Roles, R] {
  return [next === latest[key] ? latest : { ...latest, [key]: [...next] }, result];
}

import { z } from "zod";

/**
 * A name that an administrator may give. It begins with a letter or digit, so that no program takes it for an option.
 */
export const nameSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
    "is not a name: letters, digits, dots, dashes and underscores, at most 63",
  );
/** A UUID as ZStack writes it: 32 hexadecimal digits without dashes. */
export const uuidSchema = z.string().regex(/^[0-9a-f]{32}$/, "is not a UUID of 32 hexadecimal digits");
export const wwidSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:+-]{7,127}$/, "is not a WWID");
export const timeSchema = z.iso.datetime();

export const zoneSchema = z.strictObject({ uuid: uuidSchema, name: nameSchema });
export const clusterSchema = z.strictObject({ uuid: uuidSchema, name: nameSchema, zoneUuid: uuidSchema });
export const hostSchema = z.strictObject({
  uuid: uuidSchema,
  name: nameSchema,
  clusterUuid: uuidSchema,
  address: z.string().min(1).max(253),
  port: z.int().min(1).max(65_535),
  user: z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/),
  /** `SHA256:…` of the host key that a person confirmed. The bot refuses any other key. */
  hostKeySha256: z.string().startsWith("SHA256:"),
  /**
   * sanlock's host id, 1 to 2000. Null until the host joins its first storage. The bot never gives it to another host.
   */
  sanlockHostId: z.int().min(1).max(2000).nullable(),
});
export const sharedBlockSchema = z.strictObject({
  wwid: wwidSchema,
  sizeBytes: z.int().positive(),
  /** Null from the claim of the LUN until every host has read its volume group. */
  addedAt: timeSchema.nullable(),
  /**
   * The content of the LUN when it was claimed, one line a signature. It separates the bot's unfinished work from other
   * data.
   */
  heldWhenClaimed: z.array(z.string()),
});
/** The desired state. A status such as Connected is observed and never stored here. */
export const storageStateSchema = z.enum(["Enabled", "Disabled", "Maintenance"]);
export const primaryStorageSchema = z.strictObject({
  /** Also the name of the LVM volume group. */
  uuid: uuidSchema,
  name: nameSchema,
  description: z.string().max(2000),
  zoneUuid: uuidSchema,
  state: storageStateSchema,
  clusterUuids: z.array(uuidSchema),
  sharedBlocks: z.array(sharedBlockSchema),
});
export const inventorySchema = z.strictObject({
  zones: z.array(zoneSchema),
  clusters: z.array(clusterSchema),
  hosts: z.array(hostSchema),
  primaryStorages: z.array(primaryStorageSchema),
  /** The highest sanlock host id ever given. The bot never uses an id again, also after the host was removed. */
  lastSanlockHostId: z.int().min(0).max(2000),
});

export type Zone = z.output<typeof zoneSchema>;
export type Cluster = z.output<typeof clusterSchema>;
export type Host = z.output<typeof hostSchema>;
export type SharedBlock = z.output<typeof sharedBlockSchema>;
export type StorageState = z.output<typeof storageStateSchema>;
export type PrimaryStorage = z.output<typeof primaryStorageSchema>;
export type Inventory = z.output<typeof inventorySchema>;

export const emptyInventory: Inventory = {
  zones: [],
  clusters: [],
  hosts: [],
  primaryStorages: [],
  lastSanlockHostId: 0,
};

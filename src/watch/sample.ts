import type { Host, Inventory, PrimaryStorage } from "../core/inventory.ts";
import type { Fill } from "../host/dmsetup-status.ts";
import type { Unit } from "../host/systemd.ts";
import type { LockState } from "../storage/observe/lock-state.ts";
import type { Daemon } from "./daemons.ts";

/** The storages that a host must serve. One that only claims its LUNs has no volume group yet. */
export const storagesOn = (host: Pick<Host, "clusterUuid">, { primaryStorages }: Inventory): PrimaryStorage[] =>
  primaryStorages.filter(
    ({ clusterUuids, state, sharedBlocks }) =>
      clusterUuids.includes(host.clusterUuid) &&
      state !== "Maintenance" &&
      sharedBlocks.some(({ addedAt }) => addedAt !== null),
  );

/** A path to a LUN, by what stays when its disk gets another name. */
export interface WatchedPath {
  /** `36b0… via 10.0.0.2:3260`; unique on its host. */
  readonly key: string;
  readonly wwid: string;
  /** `sdd` */
  readonly device: string;
  /** Its SCSI address, `3:0:1:12`: the last number is the LUN's at its port. */
  readonly hctl: string;
  /** Name of its map; null: it is in none. */
  readonly map: string | null;
  readonly works: boolean;
  /** `active ready`, `failed faulty` */
  readonly state: string;
  /** The SCSI host on this host: `host3`. */
  readonly adapter: string;
  /** The portal with iSCSI, the target port's WWPN with Fibre Channel; null if it is not known. */
  readonly port: string | null;
  /** The target's name or WWNN; null if it is not known. */
  readonly array: string | null;
  readonly sizeBytes: number | null;
}

/** What a host shows of one storage that it must serve. */
export interface StorageSample {
  readonly storageUuid: string;
  /** null: sanlock or lvmlockd did not say it. */
  readonly lock: LockState | null;
  /** Seconds since sanlock wrote the lease; null: it never did, there is none, or sanlock did not say it. */
  readonly leaseAgeS: number | null;
  readonly ioTimeoutS: number;
  /** sanlock's name of another host that writes this host's lease; null if none does, or `unchangedS` is null. */
  readonly otherOwner: string | null;
  /**
   * What this host reads of each host id on the disk: seconds without a change. null: sanlock did not say it, or the host
   * is not in the lockspace.
   */
  readonly unchangedS: ReadonlyMap<number, number> | null;
  /** Host ids of other hosts of the inventory that it reads under a name that is not known as theirs. */
  readonly otherNames: readonly OtherName[];
  /** null if LVM was not asked this time. */
  readonly group: { readonly sizeBytes: number; readonly freeBytes: number; readonly missing: number } | "none" | null;
  /** null if the kernel was not asked this time. */
  readonly volumes: readonly VolumeSample[] | null;
}

/** A renewed lease with a host's id, and not with the name that sanlock had on that host when it was observed last. */
export interface OtherName {
  readonly hostId: number;
  readonly ownerName: string;
  /** Milliseconds since the epoch. It was renewed then, or later. */
  readonly aliveAtMs: number;
}

/** A volume that takes space as it is written, active on this host. */
export interface VolumeSample {
  readonly kind: "thin pool" | "snapshot";
  /** LVM's name of it, without that of its group. */
  readonly name: string;
  /** `data`, `metadata` of a thin pool; `changes` of a snapshot. */
  readonly fills: readonly (Fill & { readonly of: "data" | "metadata" | "changes" })[];
  /** What is wrong with it, in words; null: nothing. */
  readonly fault: string | null;
}

export interface HostSample {
  readonly hostUuid: string;
  /** Milliseconds since the epoch, by the bot's clock. */
  readonly atMs: number;
  /** null if its multipathd does not run or can't be read. */
  readonly paths: readonly WatchedPath[] | null;
  /** null if systemd did not answer. */
  readonly units: readonly Unit[] | null;
  /** How far its clock goes ahead of the bot's, at least; negative if it is behind. */
  readonly clockAheadMs: number | null;
  /** sanlock's name of this host, as in its leases; null if sanlock does not run or did not say it. */
  readonly lockName: string | null;
  readonly storages: readonly StorageSample[];
  /** Daemons that were asked again and did not answer in time. */
  readonly late: readonly Daemon[];
  readonly notRead: readonly NotRead[];
}

/** What answered in time, could not be read, and is needed to watch the host. */
export interface NotRead {
  /** `paths`, as in the observation's reads. */
  readonly read: string;
  readonly reason: string;
  /** It could not be read in the observation before either. */
  readonly isAgain: boolean;
  /** The rest of it was understood. */
  readonly isInPart?: true;
}

/** Why a host shows nothing at all. */
interface SilentHost {
  readonly hostUuid: string;
  readonly atMs: number;
  readonly silence: string;
}

export type Observed = HostSample | SilentHost;
export const isSilent = (observed: Observed): observed is SilentHost => "silence" in observed;

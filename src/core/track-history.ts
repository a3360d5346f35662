/** What hosts and storages showed over time, as changes. The watch keeps it, and pictures are made from it. */

export const trackKinds = ["path", "failed", "host", "lease", "capacity"] as const;
export type TrackKind = (typeof trackKinds)[number];

/** One thing with a value that changes. Its owner, its place and its subject name it. */
export interface Track {
  readonly kind: TrackKind;
  /** UUID of the host that shows it; of the storage, for its capacity. */
  readonly ownerUuid: string;
  /** A path: the portal, or the adapter with the target port. Otherwise empty. */
  readonly via: string;
  /** A path: the WWID. A lease: the UUID of the storage. Otherwise empty. */
  readonly subject: string;
}

/**
 * A path is "works", "failed" or "gone". "failed" counts the paths of a host that don't work. A host "answers" or is "silent". A lease is "fresh", "late", "old" or "lost".
 * A capacity is `FREE/SIZE` in bytes.
 */
export type TrackValue = string;

/** The track had this value in this time. What no span covers was not observed. Milliseconds since the epoch. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
  readonly value: TrackValue;
}
export interface TrackHistory {
  readonly track: Track;
  /** In the order of time. */
  readonly spans: readonly Span[];
}

export interface History {
  /** The tracks of these kinds that `wants` names, as far as they were observed between the two times. */
  read(
    kinds: readonly TrackKind[],
    fromMs: number,
    toMs: number,
    wants?: (track: Track) => boolean,
  ): Promise<readonly TrackHistory[]>;
}

/** For a bot that watches no hosts. */
export const noHistory: History = { read: async () => [] };

/** Free bytes of a size, as a track's value. */
export const capacityValue = (freeBytes: number, sizeBytes: number): TrackValue => `${freeBytes}/${sizeBytes}`;

/** null: the value is not a capacity. */
export function capacityOf(value: TrackValue): { readonly freeBytes: number; readonly sizeBytes: number } | null {
  const [, free, size] = /^(\d{1,18})\/(\d{1,18})$/.exec(value) ?? [];
  const sizeBytes = Number(size);
  return free === undefined || !(sizeBytes > 0) ? null : { freeBytes: Number(free), sizeBytes };
}

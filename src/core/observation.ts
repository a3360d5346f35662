/** What one look showed of one host in one storage. Observed, unlike the storage's state, which is wished. */
export interface StorageObservation {
  readonly storageUuid: string;
  readonly hostUuid: string;
  /** Unknown: the host could not be read whole. */
  readonly status: "Connecting" | "Connected" | "Disconnected" | "Unknown";
  /** Of the volume group; null where the host does not see it. */
  readonly capacity: { readonly sizeBytes: number; readonly freeBytes: number } | null;
}
export interface PastObservation extends StorageObservation {
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The last look at each host, whichever command made it: what queries tell without asking the hosts again. */
export interface StorageObservations {
  keep(observation: StorageObservation): void;
  of(storageUuid: string): readonly PastObservation[];
}

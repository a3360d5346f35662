/** What one observation showed of one host in one storage. It is a status; the storage's state is a desired state. */
export interface StorageObservation {
  readonly storageUuid: string;
  readonly hostUuid: string;
  /** Unknown: the host could not be read completely. */
  readonly status: "Connecting" | "Connected" | "Disconnected" | "Unknown";
  /** Of the volume group; null where the host does not see it. */
  readonly capacity: { readonly sizeBytes: number; readonly freeBytes: number } | null;
}
export interface PastObservation extends StorageObservation {
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The last observation of each host, by any command: what queries show without asking the hosts again. */
export interface StorageObservations {
  keep(observation: StorageObservation): void;
  of(storageUuid: string): readonly PastObservation[];
}

/** One observation of one host in one storage. It gives the status; the storage's state is the desired state. */
export interface StorageObservation {
  readonly storageUuid: string;
  readonly hostUuid: string;
  /** Unknown if the host could not be read completely. */
  readonly status: "Connecting" | "Connected" | "Disconnected" | "Unknown";
  /** The size of the volume group. Null if the host does not see it. */
  readonly capacity: { readonly sizeBytes: number; readonly freeBytes: number } | null;
}
export interface PastObservation extends StorageObservation {
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The last observation of each host, made by any command. Queries show it without asking the hosts again. */
export interface StorageObservations {
  keep(observation: StorageObservation): void;
  of(storageUuid: string): readonly PastObservation[];
}

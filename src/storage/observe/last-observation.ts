import type { Facts } from "../../core/facts.ts";
import { attachedHosts } from "../../core/find.ts";
import type { PrimaryStorage } from "../../core/inventory.ts";
import type { PastObservation, StorageObservation } from "../../core/observation.ts";
import { sharedFacts } from "../../core/shared-facts.ts";
import { formatBytes } from "../size.ts";
import { ageText, type Status } from "./status.ts";

/** What the last observations of a storage's hosts showed, with their age. This asks no host. */
interface Observed {
  /** `2 of 3 Connected; sharedblock-host3 Unknown` */
  readonly status: string;
  /** The age of the oldest observation. `never` if a host was not observed since the bot's start. */
  readonly age: string;
  readonly capacity: StorageObservation["capacity"];
}

export function observed(storage: PrimaryStorage, facts: Facts): Observed {
  const observations = lastOfHosts(storage, facts);
  const known = observations.flatMap(({ host, observation }) =>
    observation === null ? [] : [{ host, status: observation.status }],
  );
  const connected = known.filter(({ status }) => status === "Connected").length;
  const others = sharedFacts(
    known.filter(({ status }) => status !== "Connected"),
    ({ host }) => host,
    ({ status }) => status,
    observations.length,
  ).map(({ fact, hosts }) => `${hosts} ${fact}`);
  const past = observations.flatMap(({ observation }) => observation ?? []);
  const oldest = past.toSorted((left, right) => left.at - right.at)[0];
  const newest = past.toSorted((left, right) => right.at - left.at);
  return {
    status:
      past.length === 0
        ? "not observed yet"
        : [`${connected} of ${observations.length} Connected`, ...others].join("; "),
    age: oldest === undefined || past.length < observations.length ? "never" : ageText(oldest.at, facts.now()),
    capacity: newest.find((observation) => observation.capacity !== null)?.capacity ?? null,
  };
}

export const capacityText = (
  capacity: StorageObservation["capacity"],
  which: keyof NonNullable<StorageObservation["capacity"]>,
): string => (capacity === null ? "unknown" : formatBytes(capacity[which]));

interface LastOfHost {
  readonly host: string;
  readonly hostId: number | null;
  readonly observation: (PastObservation & { readonly status: Status }) | null;
}

export function lastOfHosts(storage: PrimaryStorage, facts: Facts): LastOfHost[] {
  const observations = facts.observations.of(storage.uuid);
  return attachedHosts(facts.inventory, storage).map((host) => ({
    host: host.name,
    hostId: host.sanlockHostId,
    observation: observations.find((each) => each.hostUuid === host.uuid) ?? null,
  }));
}

import type { Facts } from "../../core/facts.ts";
import { attachedHosts } from "../../core/find.ts";
import type { PrimaryStorage } from "../../core/inventory.ts";
import type { Look, PastLook } from "../../core/observation.ts";
import type { Part } from "../../core/reply.ts";
import { formatBytes } from "../size.ts";
import { hostStatusParts } from "./host-status.ts";
import { ageText, type Status } from "./status.ts";

/** What the last looks at a storage's hosts showed, and how old they are: nothing here asks a host. */
export interface Observed {
  /** `2 of 3 Connected; sharedblock-host3 Unknown` */
  readonly status: string;
  /** Of the oldest look; `never` where a host was not looked at since the bot's start. */
  readonly looked: string;
  readonly capacity: Look["capacity"];
}

export function observed(storage: PrimaryStorage, facts: Facts): Observed {
  const looks = looksAt(storage, facts);
  const others = looks.filter(({ look }) => look !== null && look.status !== "Connected");
  const connected = looks.filter(({ look }) => look?.status === "Connected").length;
  const named = others.slice(0, 4).map(({ host, look }) => `${host} ${look?.status}`);
  const more = others.length > named.length ? [`${others.length - named.length} more`] : [];
  const past = looks.flatMap(({ look }) => look ?? []);
  const oldest = past.toSorted((left, right) => left.at - right.at)[0];
  const newest = past.toSorted((left, right) => right.at - left.at);
  return {
    status:
      past.length === 0
        ? "not looked at yet"
        : [`${connected} of ${looks.length} Connected`, ...named, ...more].join("; "),
    looked: oldest === undefined || past.length < looks.length ? "never" : ageText(oldest.at, facts.now()),
    capacity: newest.find((look) => look.capacity !== null)?.capacity ?? null,
  };
}

/** Each host's status with the age of the look that saw it. */
export const lastLookParts = (storage: PrimaryStorage, facts: Facts): Part[] =>
  hostStatusParts(
    "Status, as last observed",
    looksAt(storage, facts).map(({ host, look, hostId }) => ({
      host,
      status: look?.status ?? "not looked at yet",
      seen: look === null ? "never" : ageText(look.at, facts.now()),
      hostId,
    })),
  );

export const capacityText = (capacity: Look["capacity"], which: keyof NonNullable<Look["capacity"]>): string =>
  capacity === null ? "unknown" : formatBytes(capacity[which]);

interface LookAtHost {
  readonly host: string;
  readonly hostId: number | null;
  readonly look: (PastLook & { readonly status: Status }) | null;
}

function looksAt(storage: PrimaryStorage, facts: Facts): LookAtHost[] {
  const looks = facts.looks.of(storage.uuid);
  return attachedHosts(facts.inventory, storage).map((host) => ({
    host: host.name,
    hostId: host.sanlockHostId,
    look: looks.find((each) => each.hostUuid === host.uuid) ?? null,
  }));
}

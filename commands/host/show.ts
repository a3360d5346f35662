import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { hostNamed } from "../../src/core/find.ts";
import { notesIn } from "../../src/core/host-command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import type { Outcome } from "../../src/core/outcome.ts";
import type { Part } from "../../src/core/reply.ts";
import { readOsRelease } from "../../src/host/os-release.ts";
import type { Lease } from "../../src/host/sanlock.ts";
import { listScsiDevices } from "../../src/host/scsi.ts";
import { lunReads, problemsOf, viewOf } from "../../src/storage/observe/host-view.ts";
import { multipathParts } from "../../src/storage/render/maps.ts";
import { unnamedPart } from "../../src/storage/render/unnamed-disks.ts";
import { prepareReads } from "../../src/storage/steps/lock-settings.ts";

const reads = { ...lunReads, ...prepareReads, os: readOsRelease, scsi: listScsiDevices };

export const hostShow = defineQuery({
  name: "host show",
  summary: "one host as it is now: system, services, LVM settings, disks, maps",
  args: z.strictObject({ name: nameSchema.describe("name of the host") }),
  positional: ["name"],
  examples: ["host show sharedblock-host1"],
  narrower: "lsscsi -s",
  async answer({ name }, facts) {
    const host = hostNamed(facts.inventory, name);
    const seen = await facts.gather(host, reads);
    const view = viewOf(host, seen);
    const problems = [...new Set([...problemsOf(reads, seen), ...notesIn(seen).map(({ why }) => why)])];
    const settings = seen.settings.kind === "done" ? seen.settings.value : null;
    const units = seen.units.kind === "done" ? seen.units.value.filter((unit) => unit.loaded) : [];
    const scsi = seen.scsi.kind === "done" ? seen.scsi.value : [];
    const fields: Part = {
      kind: "fields",
      fields: [
        ["address", `${host.user}@${host.address}:${host.port}`],
        ["trusted host key", [{ code: host.hostKeySha256 }]],
        ["hostname", seen.hostname.kind === "done" ? seen.hostname.value : "unknown"],
        ["system", seen.os.kind === "done" ? seen.os.value.prettyName : "unknown"],
        [
          "sanlock host id",
          `${host.sanlockHostId ?? "none"} registered, ${settings?.hostId ?? "none"} in LVM's settings`,
        ],
        ["use_lvmlockd", settings === null ? "unknown" : settings.useLvmlockd ? "on" : "off"],
        [
          "services",
          units.map((unit) => `${unit.name} ${unit.active ? "active" : "inactive"}`).join(", ") || "unknown",
        ],
        ["leases", leasesText(seen.leases)],
      ],
    };
    const disks: Part = {
      kind: "table",
      caption: "SCSI devices",
      columns: ["H:C:T:L", "type", "vendor", "model", "device", "size"],
      rows: scsi.map((each) => [
        each.hctl,
        each.type,
        each.vendor,
        each.model,
        each.device ?? "none",
        each.size ?? "none",
      ]),
    };
    return {
      title: `Host ${name}`,
      tone: problems.length > 0 ? "warning" : "plain",
      parts: [
        fields,
        ...multipathParts([view], null).map(compared),
        ...unnamedPart([view]),
        ...(scsi.length > 0 ? [disks] : []),
        ...problems.map((problem): Part => ({ kind: "text", text: `Not known: ${problem}`, tone: "warning" })),
      ],
      next: [`host rescan ${name}`, `multipath status ${name}`],
    };
  },
});

function leasesText(leases: Outcome<Lease[] | null>): string {
  if (leases.kind !== "done") return "unknown";
  return (
    leases.value
      ?.map(
        (lease) => `${lease.volumeGroup} as host id ${lease.hostId}${lease.state === "held" ? "" : `, ${lease.state}`}`,
      )
      .join(", ") || "none"
  );
}

/** Its maps are what an incident is about; the SCSI devices stay lines, or follow. */
const compared = (part: Part): Part => (part.kind === "table" ? { ...part, compared: true } : part);

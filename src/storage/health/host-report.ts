import type { Facts } from "../../core/facts.ts";
import { hostNamed } from "../../core/find.ts";
import { notesIn } from "../../core/host-command.ts";
import { changedKeyIn } from "../../core/host-key.ts";
import { type Outcome, valueOr } from "../../core/outcome.ts";
import type { Part, Reply } from "../../core/reply.ts";
import { readOsRelease } from "../../host/os-release.ts";
import { readHelperDigest } from "../../host/root-helper/installed.ts";
import { rootHelper } from "../../host/root-helper/program.ts";
import type { Lease } from "../../host/sanlock.ts";
import { listScsiDevices } from "../../host/scsi.ts";
import { lunReads, problemsOf, viewOf } from "../observe/host-view.ts";
import { multipathParts } from "../render/maps.ts";
import { unnamedPart } from "../render/unnamed-disks.ts";
import { prepareReads } from "../steps/lock-settings.ts";

export async function hostReport({ name }: { readonly name: string }, facts: Facts): Promise<Reply> {
  const host = hostNamed(facts.inventory, name);
  const withHelper = host.user === "root" ? null : await facts.gather(host, { ...reads, helper: readHelperDigest });
  const seen = withHelper ?? (await facts.gather(host, reads));
  const view = viewOf(host, seen);
  const problems = [...new Set([...problemsOf(reads, seen), ...notesIn(seen).map(({ why }) => why)])];
  const settings = valueOr(seen.settings, null);
  const units = valueOr(seen.units, []).filter((unit) => unit.loaded);
  const scsi = valueOr(seen.scsi, []);
  const fields: Part = {
    kind: "fields",
    fields: [
      ["address", `${host.user}@${host.address}:${host.port}`],
      ["trusted host key", [{ code: host.hostKeySha256 }]],
      ["hostname", valueOr(seen.hostname, "unknown")],
      ["system", valueOr(seen.os, null)?.prettyName ?? "unknown"],
      [
        "sanlock host id",
        `${host.sanlockHostId ?? "none"} registered, ${settings?.hostId ?? "none"} in LVM's settings`,
      ],
      ["use_lvmlockd", settings === null ? "unknown" : settings.useLvmlockd ? "on" : "off"],
      ["services", units.map((unit) => `${unit.name} ${unit.active ? "active" : "inactive"}`).join(", ") || "unknown"],
      ["leases", leasesText(seen.leases)],
      ...(withHelper === null ? [] : [["root helper", helperText(withHelper.helper)] as const]),
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
    next: [
      ...(problems.some((problem) => changedKeyIn(problem) !== null) ? [`host trust ${name}`] : []),
      ...(withHelper === null || isCurrent(withHelper.helper) ? [] : [`host prepare ${name}`]),
      `host rescan ${name}`,
      `multipath status ${name}`,
    ],
  };
}

const reads = { ...lunReads, ...prepareReads, os: readOsRelease, scsi: listScsiDevices };

const isCurrent = (helper: Outcome<string | null>): boolean => valueOr(helper, null) === rootHelper().digest;

/** sudo may then allow the login user nothing else. */
function helperText(helper: Outcome<string | null>): string {
  if (helper.kind !== "done") return "unknown";
  if (helper.value === null) return "none: sudo must allow any program";
  return isCurrent(helper) ? "the version of this bot" : "another version";
}

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

/** In an incident the maps matter most. The SCSI devices are shown as lines, or in the thread. */
const compared = (part: Part): Part => (part.kind === "table" ? { ...part, compared: true } : part);

import type { Host } from "../core/inventory.ts";
import type { Guard, GuardRead } from "../core/plan.ts";
import { listBlockDevices } from "../host/block-device.ts";
import { listSignatures, readBlankness } from "../host/signatures.ts";
import type { Candidate } from "./candidate.ts";
import { signatureLine } from "./contents.ts";
import { allDevices, devicePath, type LunOnHost } from "./lun.ts";

/** Immediately before a LUN is written: on it is what the operator was shown, and no host uses it. */
export function guardOf(writer: Host, candidate: Candidate, expected: readonly string[]): Guard {
  const { lun } = candidate;
  const inUse = lun.on.map((on): GuardRead => ({ host: on.host, read: notInUse(lun.wwid, on) }));
  return [{ host: writer, read: sameSignatures(deviceOn(writer, candidate), expected) }, ...inUse];
}

/** For a LUN that was shown as blank: it still is. */
export const blankGuard = (writer: Host, candidate: Candidate): GuardRead => ({
  host: writer,
  read: stillBlank(deviceOn(writer, candidate)),
});

export function deviceOn(writer: Host, { lun }: Candidate): string {
  const on = lun.on.find((each) => each.host === writer);
  if (on === undefined) throw new Error(`${writer.name} does not see ${lun.wwid}`);
  return devicePath(lun.wwid, on);
}

function sameSignatures(device: string, expected: readonly string[]): GuardRead["read"] {
  const read = listSignatures(device);
  return {
    ...read,
    parse: (output) => {
      const now = read.parse(output).map(signatureLine);
      if (now.join() === expected.join()) return null;
      return `on the disk is now ${now.join(", ") || "no signature"}, not ${expected.join(", ") || "no signature"}`;
    },
  };
}

function stillBlank(device: string): GuardRead["read"] {
  const read = readBlankness(device);
  return { ...read, parse: (output) => (read.parse(output).blank ? null : "the disk is no longer blank") };
}

/** No mount, partition or holder on this host, and the kernel name still stands for the same map. */
function notInUse(wwid: string, shown: LunOnHost): GuardRead["read"] {
  return {
    ...listBlockDevices,
    parse: (output) => {
      const now = allDevices(listBlockDevices.parse(output)).get(shown.kernelName);
      if (now === undefined) return `${shown.kernelName} is gone; ${wwid} may have another name now`;
      const name = shown.map === null ? shown.kernelName : (shown.map.alias ?? wwid);
      if (now.name !== name) return `${shown.kernelName} is now ${now.name}, not ${name}`;
      const users = [
        ...now.mountPoints.map((point) => `mounted at ${point}`),
        ...now.children.map((child) => `held by ${child.name}`),
      ];
      return users.length === 0 ? null : `${wwid} is in use: ${users.join(", ")}`;
    },
  };
}

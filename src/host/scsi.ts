import { type HostCommand, OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { MANY, ONE } from "../core/limits.ts";
import { eachUnderstood, type Note } from "../core/not-understood.ts";
import { inParts, ofLines } from "../core/parts.ts";
import type { ScsiDevice } from "../core/storage.ts";
import { linesOf } from "./lines.ts";

/** Every SCSI and NVMe device with its size. */
export const listScsiDevices: ReadCommand<ScsiDevice[]> = {
  effect: "read",
  argv: ["lsscsi", "-s"],
  timeoutMs: 10_000,
  limits: MANY,
  exitCodes: [0],
  parse: inParts(ofLines, ({ stdout }, note?: Note) => {
    const lines = linesOf(stdout).filter((line) => line.trim() !== "");
    // It is shown to people only.
    return eachUnderstood(
      lines,
      (line) => [scsiDevice(line)],
      () => [],
      note,
    );
  }),
};

/**
 *     [0:0:0:3]    disk    DELL     MD32xx           0784  /dev/sdd   2.19TB
 *     [0:0:32:0]   enclosu DP       BACKPLANE        1.00  -               -
 *     [N:0:1:1]    disk    INTEL SSDPEDMD400G4__1                     /dev/nvme0n1   400GB
 *
 * Versions before 0.29 print no blank behind a long address: `[6:0:0:49409]wlun    DELL`.
 */
function scsiDevice(line: string): ScsiDevice {
  const [head = "", hctl, type] = /^\[([^\]\s]+)\]\s*(\S+)\s+/.exec(line) ?? [];
  const [withDevice, size] = lastWord(line.slice(head.length));
  const [identity, device] = lastWord(withDevice);
  if (
    hctl === undefined ||
    type === undefined ||
    identity === "" ||
    / (?:-|\/dev\/\S+)$/.test(identity) ||
    !DEVICE.test(device) ||
    !SIZE.test(size)
  ) {
    throw new OutputNotUnderstood("lsscsi", line, "[host:channel:target:lun] type vendor model revision device size");
  }
  const names = hctl.startsWith("N:") ? { vendor: "", model: identity, revision: "" } : identified(identity);
  return { hctl, type, ...names, device: orNull(device), size: orNull(size) };
}

const DEVICE = /^(?:-|\/dev\/\S+)$/;
const SIZE = /^(?:-|\d+(?:\.\d+)?[kKMGTPE]?i?B)$/;

function lastWord(text: string): [before: string, word: string] {
  const trimmed = text.trimEnd();
  const blank = trimmed.lastIndexOf(" ");
  return [trimmed.slice(0, Math.max(blank, 0)).trimEnd(), trimmed.slice(blank + 1)];
}

/** Columns of 8, 16 and 4, as SCSI's INQUIRY has them; where blanks were squeezed, words. */
function identified(identity: string): Pick<ScsiDevice, "vendor" | "model" | "revision"> {
  const inColumns = identity.length > 26 ? identity[25] === " " : identity.includes("  ");
  if (inColumns && identity[8] === " ") {
    return {
      vendor: identity.slice(0, 8).trim(),
      model: identity.slice(9, 25).trim(),
      revision: identity.slice(26).trim(),
    };
  }
  const words = identity.split(/\s+/);
  return { vendor: words[0] ?? "", model: words.slice(1, -1).join(" "), revision: words.at(-1) ?? "" };
}

const orNull = (printed: string): string | null => (printed === "-" ? null : printed);

/** Names of the SCSI hosts, `host0` first; none where the kernel has no SCSI. */
export const listScsiHosts: ReadCommand<string[]> = {
  effect: "read",
  argv: ["ls", "/sys/class/scsi_host"],
  timeoutMs: 10_000,
  limits: ONE,
  exitCodes: [0, 2],
  parse: ({ stdout, stderr, exitCode }) => {
    if (exitCode === 2 && !stderr.includes("No such file or directory")) {
      throw new OutputNotUnderstood("ls", stderr, "a directory or none");
    }
    return stdout.split(/\s+/).filter(Boolean).map(scsiHost).sort(byNumber);
  },
};

function scsiHost(name: string): string {
  if (!/^host\d+$/.test(name)) throw new OutputNotUnderstood("ls", name, "hostN");
  return name;
}

const byNumber = (a: string, b: string): number => Number(a.slice(4)) - Number(b.slice(4));

/** Asks every named SCSI host for all channels, targets and LUNs; known devices stay. */
export const rescanScsiHosts = (hosts: readonly string[]): HostCommand<null, "change"> => ({
  effect: "change",
  argv: ["tee", "--", ...hosts.map((host) => `/sys/class/scsi_host/${scsiHost(host)}/scan`)],
  stdin: "- - -\n",
  timeoutMs: 60_000,
  exitCodes: [0],
  parse: () => null,
});

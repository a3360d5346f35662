import { OutputNotUnderstood, parseEach } from "../core/not-understood.ts";
import { filledLinesOf } from "../host/output.ts";
import { listScsiDevices } from "../host/scsi.ts";
import type { Read } from "./output-forms.ts";

/**
 * `lsscsi` without its size, or with the generic device (`-g`) before or instead of it:
 *
 *     [0:0:0:3]    disk    DELL     MD32xx           0784  /dev/sdd   /dev/sg3   2.19TB
 */
export const otherScsiColumns: Read = ({ stdout }, note) =>
  parseEach(
    filledLinesOf(stdout),
    (line) => {
      const [, before, device = "", others = ""] =
        /^(\[.*?)\s(\/dev\/\S+|-)((?:\s+(?:-|\/dev\/\S+|[\d.]+\S*B))*)\s*$/.exec(line) ?? [];
      if (before === undefined) throw new OutputNotUnderstood("lsscsi", line, "[host:channel:target:lun] … device");
      const words = others.split(/\s+/);
      const size = words.find((word) => /^[\d.]+\S*B$/.test(word)) ?? "-";
      const genericDevice = words.find((word) => word.startsWith("/dev/")) ?? null;
      const output = { stdout: `${before} ${device} ${size}`, stderr: "", exitCode: 0 };
      return listScsiDevices.parse(output).map((one) => ({ ...one, genericDevice }));
    },
    () => [],
    note,
  );

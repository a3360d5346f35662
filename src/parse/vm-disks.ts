import { OutputNotUnderstood, parseEach } from "../core/not-understood.ts";
import { filledLinesOf } from "../host/output.ts";
import type { Read } from "./output-forms.ts";

/**
 * `virsh domblklist`, with and without `--details`; other languages have other headings.
 *
 *      Type    Device   Target   Source
 *     -------------------------------------------
 *      block   disk     vda      /dev/7c9e/8d1c5b0e
 *      file    cdrom    hdc      -
 */
export const disksOfVm: Read = ({ stdout }, note) => {
  const lines = filledLinesOf(stdout);
  const rule = lines.findIndex((line) => /^-{5,}$/.test(line.trim()));
  const heading = lines[rule - 1];
  const hasDetails =
    heading === undefined ? lines.some((line) => KNOWN.test(line)) : heading.trim().split(/ {2,}/).length > 2;
  return parseEach(
    lines.slice(rule + 1),
    (line) => {
      const [, type, device, target, source] = (hasDetails ? DETAILS : PLAIN).exec(line.trimEnd()) ?? [];
      const isUnclear = rule === -1 && !hasDetails && !/^(?:-$|\/)/.test(source ?? "");
      if (target === undefined || source === undefined || isUnclear)
        throw new OutputNotUnderstood("virsh", line, EXPECTED);
      return [{ type: type || null, device: device || null, target, source: source === "-" ? null : source }];
    },
    () => [],
    note,
  );
};

const EXPECTED = "a disk's target and source";
const DETAILS = /^ ?(\S+) +(\S+) +(\S+) +(\S.*)$/;
const KNOWN = /^ ?(?:block|file|network|volume) +(?:disk|lun|cdrom|floppy) +\S+ +\S/;
const PLAIN = /^ ?()()(\S+) +(\S.*)$/;

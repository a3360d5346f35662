import { readOptions } from "../san/options.ts";
import { complained, type Program, printed } from "../san/program.ts";
import { openDevice } from "./disk-contents.ts";

/** `cmp --bytes=N DEVICE /dev/zero`; GNU's in the C locale says `char`, not `byte`. */
export const cmp: Program = (args, place) => {
  const options = readOptions(
    args,
    { bytes: "value", silent: "flag", "ignore-initial": "value" },
    { n: "bytes", s: "silent" },
  );
  const [path, other] = options.operands;
  if (options.complaint !== null || path === undefined) {
    const complaint = options.complaint ?? "missing operand after 'cmp'";
    return complained(`cmp: ${complaint}\ncmp: Try 'cmp --help' for more information.\n`, 2);
  }
  if (other !== "/dev/zero") return complained("cmp: only a comparison with /dev/zero is simulated\n", 2);
  const opened = openDevice(path, place);
  if ("error" in opened) return complained(`cmp: ${path}: ${opened.error}\n`, 2);
  const limit = Number(options.given.get("bytes") ?? Number.POSITIVE_INFINITY);
  if (Number.isNaN(limit)) return complained(`cmp: invalid --bytes value '${options.given.get("bytes")}'\n`, 2);
  // A disk that is no LUN has the host's system: its first sector is in use.
  const skipped = Number(options.given.get("ignore-initial")?.split(":")[0] ?? 0);
  // From its first byte on a LUN holds data to its end.
  const first = opened.content ? opened.content.firstByte : 1;
  const firstByte = first === null ? null : Math.max(first - skipped, 1);
  if (firstByte === null || firstByte > limit) return printed("");
  return printed(options.given.has("silent") ? "" : `${path} /dev/zero differ: char ${firstByte}, line 1\n`, 1);
};

import { complained, type Program, printed } from "../program.ts";
import { openDevice } from "./disk-contents.ts";
import { findFile, writeFile } from "./file-tree.ts";

/** `dd if=DEVICE of=FILE …`: the copy is a note of what was read, since the model holds no sectors. */
export const dd: Program = (args, place) => {
  const operands = new Map(args.map((arg) => [arg.slice(0, arg.indexOf("=")), arg.slice(arg.indexOf("=") + 1)]));
  const unknown = args.find((arg) => !/^(if|of|bs|count|conv|status|iflag|oflag|skip|seek)=/.test(arg));
  if (unknown !== undefined) {
    return complained(`dd: unrecognized operand '${unknown}'\nTry 'dd --help' for more information.\n`);
  }
  const from = operands.get("if") ?? "";
  const to = operands.get("of") ?? "";
  if (findFile(place.host, from) === null) {
    const opened = openDevice(from, place);
    if ("error" in opened) return complained(`dd: failed to open '${from}': ${opened.error}\n`);
  }
  const copied =
    findFile(place.host, from)?.content ??
    `the first ${operands.get("count") ?? "all"} × ${operands.get("bs") ?? "512"} of ${from}\n`;
  const error = writeFile(place, to, copied);
  if (error !== null) return complained(`dd: failed to open '${to}': ${error}\n`);
  return operands.get("status") === "none" ? printed("") : complained("1+0 records in\n1+0 records out\n", 0);
};

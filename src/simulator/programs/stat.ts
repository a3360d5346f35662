import { majorMinorText } from "../san/devices.ts";
import { viewOf } from "../san/host-view.ts";
import { complained, type Place, type Program, type Result } from "../san/program.ts";
import { findFile, isDirectory, realPathOf } from "./file-tree.ts";

/** `stat -L -c '%t:%T	%F	%n' -- PATH…` */
export const stat: Program = (args, place) => {
  const [follow, option, format, end, ...paths] = args;
  if ([follow, option, format, end].join(" ") !== "-L -c %t:%T\t%F\t%n --") {
    return complained("stat: only -L -c '%t:%T\\t%F\\t%n' -- is simulated\n");
  }
  const lines = paths.map((path) => ({ path, what: whatIs(path, place) }));
  const missing = lines.filter(({ what }) => what === null);
  const result: Result = {
    stdout: lines.flatMap(({ path, what }) => (what === null ? [] : [`${what}\t${path}\n`])).join(""),
    stderr: missing.map(({ path }) => `stat: cannot statx '${path}': No such file or directory\n`).join(""),
    exitCode: missing.length > 0 ? 1 : 0,
  };
  return result;
};

function whatIs(path: string, { san, host }: Place): string | null {
  const real = realPathOf(host, path);
  const device = viewOf(san, host).find(real);
  if (device !== null) {
    const hex = majorMinorText(device)
      .split(":")
      .map((part) => Number(part).toString(16));
    return `${hex.join(":")}\tblock special file`;
  }
  if (findFile(host, real) !== null) return "0:0\tregular file";
  return isDirectory(host, real) ? "0:0\tdirectory" : null;
}

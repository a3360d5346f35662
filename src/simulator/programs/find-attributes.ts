import { complained, type Place, printed, type Result } from "../san/program.ts";
import { isDirectory } from "./file-tree.ts";

/** `find -L DIRECTORY -mindepth N -maxdepth N ( -name A -o -name B … ) -exec grep -H '' {} +`: attributes with their values. */
export function readAttributes([directory = "", ...tests]: readonly string[], { host }: Place): Result {
  const command = tests.slice(tests.indexOf("-exec")).join(" ");
  if (command !== "-exec grep -H  {} +") return complained(`find: '${command}' is not simulated\n`);
  if (!isDirectory(host, directory)) return complained(`find: '${directory}': No such file or directory\n`);
  const depth = Number(tests[tests.indexOf("-maxdepth") + 1]);
  const names = new Set(tests.filter((_test, index) => tests[index - 1] === "-name"));
  const lines = host.files.flatMap(({ path, content }) => {
    const inside = path.startsWith(`${directory}/`) ? path.slice(directory.length + 1).split("/") : [];
    if (inside.length !== depth || !names.has(inside.at(-1) ?? "")) return [];
    return content
      .split("\n")
      .flatMap((line, index, all) => (index === all.length - 1 && line === "" ? [] : `${path}:${line}\n`));
  });
  return printed(lines.join(""), lines.length > 0 ? 0 : 1);
}

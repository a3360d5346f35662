import { complained, type Program, printed } from "../san/program.ts";
import { isDirectory } from "./file-tree.ts";
import { readAttributes } from "./find-attributes.ts";
import { findDevices } from "./find-devices.ts";
import { findSamples } from "./find-samples.ts";
import { kernelSessions, SESSIONS } from "./find-sessions.ts";

/** `find DIRECTORY -mindepth 2 -maxdepth 2 -type f -path PATTERN -printf '%P\t%s\n'`, and nothing else. */
export const find: Program = ([directory = "", ...tests], place) => {
  if (tests[2] === "-exec" && tests[3] === "cmp") return findSamples(directory, tests.slice(2), place);
  if (directory === SESSIONS && tests.includes("-exec")) return kernelSessions(tests, place);
  const devices = findDevices([directory, ...tests], place);
  if (devices !== null) return devices;
  if (directory === "-L") return readAttributes(tests, place);
  const { host, root } = place;
  const given = new Map<string, string>();
  for (let at = 0; at < tests.length; at += 2) given.set(tests[at] ?? "", tests[at + 1] ?? "");
  const unknown = [...given.keys()].find(
    (test) => !["-mindepth", "-maxdepth", "-type", "-path", "-printf"].includes(test),
  );
  if (unknown !== undefined) return complained(`find: unknown predicate '${unknown}'\n`);
  if (given.get("-printf") !== "%P\\t%s\\n" || given.get("-type") !== "f") {
    return complained("find: only files printed as '%P\\t%s\\n' are simulated\n");
  }
  if (!isDirectory(host, directory)) return complained(`find: '${directory}': No such file or directory\n`);
  if (!root) return complained(`find: '${directory}': Permission denied\n`);
  const depth = [Number(given.get("-mindepth") ?? 0), Number(given.get("-maxdepth") ?? Number.POSITIVE_INFINITY)];
  // A star stands for slashes too.
  const parts = (given.get("-path") ?? "*").split("*").map((part) => part.replace(/[.+^$()|[\]\\{}?]/g, "\\$&"));
  const pattern = new RegExp(`^${parts.join(".*")}$`);
  const lines = host.files.flatMap(({ path, content }) => {
    if (!path.startsWith(`${directory}/`) || !pattern.test(path)) return [];
    const name = path.slice(directory.length + 1);
    const levels = name.split("/").length;
    if (levels < (depth[0] ?? 0) || levels > (depth[1] ?? 0)) return [];
    return [`${name}\t${Buffer.byteLength(content, "latin1")}\n`];
  });
  return printed(lines.join(""));
};

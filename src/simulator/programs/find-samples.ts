import { viewOf } from "../san/host-view.ts";
import { complained, type Place, type Result } from "../san/program.ts";
import { cmp } from "./cmp.ts";

/**
 * `find DEVICE -maxdepth 0 [-exec cmp ARGUMENTS ; -printf TEXT]…`: the action after a cmp runs only if that ended with
 * 0.
 */
export async function findSamples(device: string, tests: readonly string[], place: Place): Promise<Result> {
  if (viewOf(place.san, place.host).find(device) === null) {
    return complained(`find: '${device}': No such file or directory\n`);
  }
  let stdout = "";
  let rest = tests;
  while (rest[0] === "-exec" && rest[1] === "cmp") {
    const end = rest.indexOf(";");
    const ended = await cmp(
      rest.slice(2, end).map((word) => (word === "{}" ? device : word)),
      place,
    );
    stdout += ended.stdout;
    if (ended.exitCode !== 0) return { stdout, stderr: ended.stderr, exitCode: 0 };
    const [print, text = "", ...others] = rest.slice(end + 1);
    if (print !== "-printf") return complained("find: only -exec cmp … ; -printf … is simulated\n");
    stdout += text.replaceAll("\\n", "\n");
    rest = others;
  }
  return { stdout, stderr: "", exitCode: 0 };
}

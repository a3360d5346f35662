import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { HostCommand } from "../../../src/core/host-command.ts";
import { fallbackCommand } from "../../../src/core/host-command.ts";
import { mayWriteHelper, ROOT_HELPER, readHelperDigest, setMode } from "../../../src/host/root-helper/installed.ts";
import { CHANGES, DESTROYING, OLDER, READS } from "../commands/every.ts";
import { everyRead } from "../every-read.ts";

type Built = Pick<HostCommand<unknown>, "argv" | "stdin" | "onlyIfActive">;

/** Samples of the tests of commands, which no host has, and what a host has in their place. */
const SAMPLES: readonly (readonly [string, string])[] = [
  ["7c9e", "0123456789abcdef0123456789abcdef"],
  ["/root/b", "/var/lib/zstack-chatops/backup/36b083fe000daf018000015505abbe00a-20261130100000"],
  ["/etc/y", "/etc/hosts.zstack-chatops"],
  ["/etc/x", "/etc/hosts"],
  ["a.service", "sanlock.service"],
  ["mpath-3600a", "mpath-3600a0000"],
  ["scsi-3600b", "scsi-3600b0000"],
];
const asOnHost = (word: string): string => SAMPLES.reduce((now, [from, to]) => now.replaceAll(from, to), word);

/** Commands that only the user who installs the root helper may run. */
const OF_INSTALLATION: readonly HostCommand<unknown>[] = [mayWriteHelper, setMode(ROOT_HELPER, "0755")];
const isOfInstallation = ({ argv }: Built): boolean =>
  OF_INSTALLATION.some((each) => each.argv.join() === argv.join()) || argv.some((word) => word.startsWith(ROOT_HELPER));

/** Every command that the tests of host commands build, and every recorded plan has, by its words. */
export async function everyBuilt(): Promise<ReadonlyMap<string, Built>> {
  const commands = [...READS, ...OLDER, ...CHANGES, ...DESTROYING].map(({ argv: [program, ...args], ...rest }) => ({
    ...rest,
    argv: [program, ...args.map(asOnHost)] as const,
  }));
  const reads = (await everyRead()).flatMap(([, read]) => [read, fallbackCommand(read) ?? read]);
  const all: Built[] = [...commands, ...reads, readHelperDigest, ...planned()];
  // `tee` to a file itself is the sample of a test: the bot writes next to it, and moves.
  const own = all.filter((each) => !(each.argv[0] === "tee" && each.argv[2] === "/etc/hosts"));
  return new Map(own.filter((each) => !isOfInstallation(each)).map((each) => [JSON.stringify(each.argv), each]));
}

const cases = join(import.meta.dirname, "../../plan");

/** `host: change: tee -- /etc/hosts <<< "text" [guard on host]` of each plan case. */
function planned(): Built[] {
  const found: Built[] = [];
  for (const name of readdirSync(cases, { recursive: true, encoding: "utf8" }).filter((each) =>
    each.endsWith(".json"),
  )) {
    const { plan } = JSON.parse(readFileSync(join(cases, name), "utf8"));
    for (const line of (plan?.stages ?? []).flatMap((stage: { steps?: string[] }) => stage.steps ?? [])) {
      const [, text = "", stdin] =
        /^\S+: \w+: (.*?)(?: <<< ("(?:[^"\\]|\\.)*"))?(?: \[guard on [^\]]*\])?$/.exec(line) ?? [];
      const [program = "", ...args] = (text.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? []).map((word) =>
        word.startsWith('"') ? JSON.parse(word) : word,
      );
      found.push({ argv: [program, ...args], ...(stdin === undefined ? {} : { stdin: JSON.parse(stdin) }) });
    }
  }
  return found;
}

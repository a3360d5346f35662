import { type CommandOutput, OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { DEFINITIONS, inUnits, LONGEST_DEFINITION } from "../core/limits.ts";
import { alsoInParts, atOnce, inTurns, othersTurn, type Stretches } from "../core/parts.ts";
import { VIRSH } from "./libvirt.ts";
import { type Definition, readingDefinition, type VmDisk } from "./vm-definition.ts";

/** What libvirt has of a VM: what it runs with, and what it gets at its next start. */
export interface VmDefinition {
  readonly uuid: string;
  /** None if the VM is gone. */
  readonly disks: readonly VmDisk[];
  /** Why not all of its disks are known. */
  readonly problem: string | null;
}

/** So many VMs are asked of one virsh: to start and to connect takes longer than a definition. */
export const VMS_A_READ = 20;

const WHEN = ["now", "next"] as const;
type When = (typeof WHEN)[number];

/**
 * The definitions of some VMs. virsh takes several commands in one argument, goes on after one that fails, and ends with
 * the exit code of the last one, so marks tell which answer is whose:
 *
 *     vm 0 now
 *     <domain type='kvm' id='1'>
 *     …
 *     vm end
 *
 * A text of a definition that looks like a mark cuts it, and what is cut is not well-formed.
 */
export function readVmDefinitions(uuids: readonly string[]): ReadCommand<VmDefinition[]> {
  const commands = uuids.flatMap((uuid, place) => [
    ...[`echo vm ${place} now`, `dumpxml ${uuid}`],
    ...[`echo vm ${place} next`, `dumpxml --inactive ${uuid}`],
  ]);
  return {
    effect: "read",
    argv: [...VIRSH, "--readonly", [...commands, "echo vm end"].join("; ")],
    timeoutMs: 20_000,
    limits: DEFINITIONS,
    exitCodes: [0],
    parse: alsoInParts(
      (output: CommandOutput) => atOnce(reading(uuids, output)),
      async (output) => {
        await othersTurn();
        return await inTurns(reading(uuids, output));
      },
    ),
  };
}

function* reading(uuids: readonly string[], { stdout, stderr }: CommandOutput): Stretches<VmDefinition[]> {
  const answers = answersIn(stdout);
  const definitions: VmDefinition[] = [];
  for (const [place, uuid] of uuids.entries()) {
    const disks = new Map<string, VmDisk>();
    let problem: string | null = null;
    for (const when of WHEN) {
      const answer = answers.get(`${place} ${when}`) ?? "";
      if (isGone(uuid, when, answer, stderr)) continue;
      try {
        const definition = yield* whole(uuid, answer, stderr);
        for (const disk of definition.disks) disks.set(JSON.stringify(disk), disk);
      } catch (error) {
        if (!(error instanceof OutputNotUnderstood)) throw error;
        problem ??= error.message;
      }
    }
    definitions.push({ uuid, disks: [...disks.values()], problem });
  }
  return definitions;
}

/** What stands after each mark; a mark that comes twice has no answer that could be trusted. */
function answersIn(stdout: string): Map<string, string> {
  const marks = [...stdout.matchAll(/^vm (?:(\d+) (now|next)|end)\r?$/gm)];
  const last = marks.at(-1);
  if (last === undefined || last[1] !== undefined) {
    throw new OutputNotUnderstood("virsh", stdout.slice(-200).trim(), "vm end");
  }
  const answers = new Map<string, string>();
  for (const [place, mark] of marks.entries()) {
    const key = `${mark[1]} ${mark[2]}`;
    const answer = stdout.slice(mark.index + mark[0].length, marks[place + 1]?.index).trim();
    answers.set(key, answers.has(key) ? TWICE : answer);
  }
  return answers;
}
/** It is no XML. */
const TWICE = "two answers for one VM";

/**
 *     error: failed to get domain 'f1b9b5a3-c2a1-4c1d-9e0b-6d2d5a4c7c11'
 *     error: Requested operation is not valid: transient domains do not have any persistent config
 */
const isGone = (uuid: string, when: When, answer: string, stderr: string): boolean =>
  answer === "" &&
  (new RegExp(`failed to get domain '?${uuid}|no domain with matching uuid '?${uuid}`, "i").test(stderr) ||
    (when === "next" && /transient domains? do(?:es)? not have/.test(stderr)));

function* whole(uuid: string, answer: string, stderr: string): Stretches<Definition> {
  if (answer === "") throw new OutputNotUnderstood("virsh", stderr.trim(), "a domain's XML");
  if (answer.length > LONGEST_DEFINITION) {
    const most = inUnits(LONGEST_DEFINITION);
    throw new OutputNotUnderstood("virsh", `${inUnits(answer.length)} of XML`, `a definition of at most ${most}`);
  }
  const definition = yield* readingDefinition(answer);
  if (definition.uuid !== uuid) throw new OutputNotUnderstood("virsh", definition.uuid, `the domain ${uuid}`);
  return definition;
}

/**
 * What a VM that was saved to disk goes on with when it is started: disks that were plugged in while it ran are in no
 * definition. None if its state is gone. libvirt before 3.7 can't tell.
 */
export const readSavedState = (uuid: string): ReadCommand<VmDefinition> => ({
  effect: "read",
  argv: [...VIRSH, "--readonly", "managedsave-dumpxml", "--domain", uuid],
  timeoutMs: 10_000,
  limits: { ...DEFINITIONS, bytes: LONGEST_DEFINITION },
  exitCodes: [0, 1],
  parse: ({ stdout, stderr, exitCode }) => {
    const none = { uuid, disks: [], problem: null };
    if (exitCode === 1 && /failed to get domain|does not have (?:a )?managed save/i.test(stderr)) return none;
    try {
      const { disks } = atOnce(whole(uuid, exitCode === 1 ? "" : stdout.trim(), stderr));
      return { uuid, disks, problem: null };
    } catch (error) {
      if (!(error instanceof OutputNotUnderstood)) throw error;
      return { ...none, problem: error.message };
    }
  },
});

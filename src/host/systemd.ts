import { z } from "zod";
import { change } from "../core/change.ts";
import { OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { FEW } from "../core/limits.ts";
import { parseEach } from "../core/not-understood.ts";
import { linesOf, rowOf } from "./output.ts";

export interface Unit {
  /** `sanlock.service` */
  readonly name: string;
  /** Whether the host has this unit. */
  readonly loaded: boolean;
  readonly active: boolean;
  /** Whether it starts at boot. */
  readonly enabled: boolean;
}

/** The units in the order asked for. */
export const readUnits = (names: readonly string[]): ReadCommand<Unit[]> => ({
  effect: "read",
  argv: ["systemctl", "show", "--property=Id,LoadState,ActiveState,UnitFileState", "--", ...names],
  timeoutMs: 10_000,
  limits: FEW,
  exitCodes: [0],
  parse: ({ stdout }, note) => {
    const blocks = stdout.split(/(?:\r?\n){2,}/).filter((block) => block.trim() !== "");
    return parseEach(blocks, (block) => [unit(block)], unitIn, note);
  },
});

/** The unit of a block that is not understood. */
function unitIn(block: string): string[] | null {
  const name = /^Id=(\S+)\r?$/m.exec(block)?.[1];
  return name === undefined ? null : [name];
}

const unitSchema = z.object({
  Id: z.string().min(1),
  LoadState: z.string(),
  ActiveState: z.string(),
  UnitFileState: z.string().default(""),
});

function unit(block: string): Unit {
  const properties = Object.fromEntries(linesOf(block.trim()).map(property));
  const { Id, LoadState, ActiveState, UnitFileState } = rowOf("systemctl", unitSchema, properties);
  return {
    name: Id,
    loaded: LoadState === "loaded",
    active: ActiveState === "active",
    // A static unit has no [Install] section: there is nothing to enable.
    enabled: UnitFileState === "enabled" || UnitFileState === "static",
  };
}

function property(line: string): [string, string] {
  const [, name, value] = /^([A-Za-z]+)=(.*)$/.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new OutputNotUnderstood("systemctl", line, "Property=value");
  return [name, value];
}

/** Starts units now and at every boot. */
export const enableUnits = (names: readonly string[]) =>
  change(["systemctl", "enable", "--now", "--", ...names], { timeoutMs: 90_000 });

/** Starts units at every boot, and leaves them now as they are. */
export const startAtBoot = (names: readonly string[]) =>
  change(["systemctl", "enable", "--", ...names], { timeoutMs: 30_000 });

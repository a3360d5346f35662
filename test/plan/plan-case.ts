import { z } from "zod";
import type { Plan } from "../../src/core/plan.ts";
import { Refusal } from "../../src/core/refusal.ts";
import { commandOf, type Step } from "../../src/core/step.ts";
import { SimulatedUnderTest } from "../scenario/simulated-under-test.ts";
import { WorldInMemory, type WorldState } from "./world-in-memory.ts";

/**
 * One case: what hosts and array are like, what is typed, and the plan or refusal. `npm run plan:cases` writes the latter
 * again. Commands, guards, codes and names are compared, sentences are not: other words for the same change no case.
 */
export const planCaseSchema = z.strictObject({
  case: z.string(),
  /**
   * In this order, from the tutorial's hosts: a method of `HostsUnderTest` with its arguments; `users.vm` and other methods
   * of the simulated SAN; `does` a command, `tries` one that fails, `forgets` a storage as another bot's inventory; `by hand` a program on a host, with standard input. `uuid of ps-1` is the
   * UUID of that storage.
   */
  given: z.array(z.tuple([z.string()], z.unknown())),
  words: z.string(),
  plan: z.unknown().optional(),
  refusal: z.unknown().optional(),
});
type PlanCase = z.output<typeof planCaseSchema>;

/** The case with what is planned now. */
export async function plannedNow({ case: title, given, words }: PlanCase): Promise<PlanCase> {
  const [first = null, ...rest] = given;
  const world = await begun(first);
  for (const [action, ...args] of rest) await happens(world, action, args);
  const asked = { case: title, given, words };
  try {
    return { ...asked, plan: shownPlan(await world.plans(words)) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { code, reasons, fixes } = error.error;
    const runs = fixes.flatMap((fix) => (typeof fix === "string" ? [] : [fix.run]));
    return { ...asked, refusal: { code, about: [...new Set(reasons.map(namesIn))], fixes: runs } };
  }
}

const known = new Map<string, WorldState>();

/** Many cases begin with the same storage: it is added once, and each begins on a copy. */
async function begun(first: PlanCase["given"][number] | null): Promise<WorldInMemory> {
  if (first === null) return new WorldInMemory();
  const key = JSON.stringify(first);
  const state = known.get(key);
  if (state !== undefined) return new WorldInMemory(state);
  const world = new WorldInMemory();
  const [action, ...args] = first;
  await happens(world, action, args);
  // A fault is no state of the SAN.
  if (action === "does") known.set(key, world.state());
  return world;
}

const byHandSchema = z.tuple([z.string(), z.tuple([z.string()], z.string()), z.string().optional()]);

async function happens(world: WorldInMemory, action: string, args: readonly unknown[]): Promise<void> {
  if (action === "does") return world.does(z.string().parse(args[0]));
  if (action === "tries") return world.does(z.string().parse(args[0])).catch(() => undefined);
  if (action === "forgets") return world.forgets(z.string().parse(args[0]));
  if (action === "by hand") {
    const [host, argv, stdin] = byHandSchema.parse([...args, ...(args.length < 3 ? [undefined] : [])]);
    const input = stdin === undefined ? {} : { stdin };
    return world.runs(host, { effect: "change", argv, ...input, timeoutMs: 60_000, exitCodes: [0], parse: () => null });
  }
  const [object, method] = action.includes(".") ? action.split(".", 2) : [null, action];
  const target = object === null ? new SimulatedUnderTest(world.hosts) : Reflect.get(world.hosts, object ?? "");
  const does: unknown = typeof target === "object" && target !== null ? Reflect.get(target, method ?? "") : null;
  if (typeof does !== "function") throw new Error(`there is no ${action}`);
  await Reflect.apply(does, target, withUuids(world, args));
}

/** With the UUIDs of storages that are named, also deep in an argument. */
const withUuids = (world: WorldInMemory, args: readonly unknown[]): unknown[] =>
  z
    .array(z.unknown())
    .parse(
      JSON.parse(JSON.stringify(args), (_, value: unknown) =>
        typeof value === "string" && value.startsWith("uuid of ") ? uuidOf(world, value.slice(8)) : value,
      ),
    );

function uuidOf({ inventory }: WorldInMemory, name: string): string {
  const storage = inventory.primaryStorages.find((each) => each.name === name);
  if (storage === undefined) throw new Error(`there is no storage ${name}`);
  return storage.uuid;
}

function shownPlan(plan: Plan): object {
  return {
    title: plan.title,
    irreversible: plan.irreversible.length,
    typed: plan.typedConfirmation?.expected ?? null,
    ...(plan.secrets?.length ? { secrets: plan.secrets.map(({ name }) => name) } : {}),
    locks: plan.locks,
    stages: plan.stages.map((stage) =>
      stage.kind === "record"
        ? { records: stage.changes.map(({ kind }) => kind) }
        : { steps: stage.steps.map(shownStep) },
    ),
  };
}

function shownStep(step: Step): string {
  const { effect, argv, stdin } = commandOf(step);
  // The root helper's own test has its text.
  const isHelper = stdin?.includes("\n# zstack-chatops-run ") === true;
  const input = stdin === undefined ? "" : isHelper ? " <<< the root helper" : ` <<< ${JSON.stringify(stdin)}`;
  const guards = "guard" in step && step.guard !== undefined ? step.guard.map(({ host }) => host.name) : [];
  const guarded = guards.length === 0 ? "" : ` [guard on ${guards.join(", ")}]`;
  return `${step.host.name}: ${effect}: ${argv.map(readable).join(" ")}${input}${guarded}`;
}

/** What a reason is about: hosts, LUNs, VMs, files and numbers, without the words between them. */
const namesIn = (reason: string): string =>
  (reason.match(/[\w/.:=-]*[\w/]/g) ?? []).filter((word) => /[\d/_=]|\w-\w/.test(word)).join(" ");

const readable = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word));

import { randomUUID } from "node:crypto";
import { commands } from "../../src/all-commands.ts";
import type { Facts } from "../../src/core/facts.ts";
import { type Gathered, type HostCommand, type Reads, shellLine } from "../../src/core/host-command.ts";
import { emptyInventory, type Host, type Inventory, type PrimaryStorage } from "../../src/core/inventory.ts";
import { applyChange } from "../../src/core/inventory-change.ts";
import { type Outcome, unknown } from "../../src/core/outcome.ts";
import type { Plan } from "../../src/core/plan.ts";
import type { Reply } from "../../src/core/reply.ts";
import { commandOf } from "../../src/core/step.ts";
import { noHistory } from "../../src/core/track-history.ts";
import { understand } from "../../src/language/understand.ts";
import { HostRuntime } from "../../src/simulator/san/host-runtime.ts";
import { largeSan } from "../../src/simulator/san/large-san.ts";
import { runLine } from "../../src/simulator/san/run-line.ts";
import { San } from "../../src/simulator/san/san.ts";
import type { SanState } from "../../src/simulator/san/san-state.ts";
import { outcomeOf } from "../../src/ssh/outcome-of.ts";
import { uuid } from "../store/samples.ts";
import { defaultPolicies, noAccess } from "../support/permission.ts";

const zone = { uuid: uuid(9_999), name: "ZONE-1" };

/** Simulated hosts without SSH, and commands without a flow. They make plans and answers without waiting for anything. */
export class InMemory {
  readonly wwids: readonly string[];
  readonly san: San;
  readonly #runtimes: ReadonlyMap<string, HostRuntime>;
  readonly #off = new Set<string>();
  #inventory: Inventory;

  /** `hosts`: the number in each cluster, from `cluster-1` on. `luns`: the number of blank LUNs, or a whole SAN. */
  constructor(hosts: readonly number[], luns: number | SanState) {
    const count = hosts.reduce((sum, each) => sum + each, 0);
    const san = new San(typeof luns === "number" ? largeSan(count, luns) : luns);
    this.san = san;
    this.wwids = san.state.luns.map(({ wwid }) => wwid);
    this.#runtimes = new Map(
      san.state.hosts.map((host) => [host.name, new HostRuntime(san, host, 0, async () => undefined, null)]),
    );
    const clusterOf = hosts.flatMap((each, cluster) => Array.from({ length: each }, () => uuid(9_000 + cluster)));
    this.#inventory = {
      ...emptyInventory,
      zones: [zone],
      clusters: hosts.map((_, index) => ({
        uuid: uuid(9_000 + index),
        name: `cluster-${index + 1}`,
        zoneUuid: zone.uuid,
      })),
      hosts: san.state.hosts.map(
        ({ name }, index): Host => ({
          ...{ uuid: uuid(index + 1), name, clusterUuid: clusterOf[index] ?? "", address: "127.0.0.1", port: 22 },
          ...{ user: "root", hostKeySha256: "SHA256:x", sanlockHostId: null },
        }),
      ),
    };
  }

  get inventory(): Inventory {
    return this.#inventory;
  }

  /** The host does not answer any more. */
  turnsOff(host: string): void {
    this.#off.add(host);
  }

  async answers(words: string): Promise<Reply> {
    const { command, args } = this.#understood(words);
    if (command.kind !== "query") throw new Error(`${words} changes something`);
    return command.answer(args, this.#facts());
  }

  async plans(words: string): Promise<Plan> {
    const { command, args } = this.#understood(words);
    if (command.kind !== "change") throw new Error(`${words} changes nothing`);
    return command.plan(args, this.#facts());
  }

  /** Runs a plan's steps, one after another. */
  async does(plan: Plan): Promise<void> {
    for (const stage of plan.stages) {
      if (stage.kind === "record") this.#inventory = stage.changes.reduce(applyChange, this.#inventory);
      for (const step of stage.kind === "hosts" ? stage.steps : []) {
        const outcome = await this.#run(step.host, commandOf(step));
        if (outcome.kind !== "done") throw new Error(`${stage.title}: ${JSON.stringify(outcome)}`);
      }
    }
  }

  /** Storages that are only in the inventory: no host knows them. */
  records(
    storages: readonly { readonly name: string; readonly cluster: string; readonly wwids: readonly string[] }[],
  ): void {
    const addedAt = "2020-01-01T00:00:00.000Z";
    for (const [index, { name, cluster, wwids }] of storages.entries()) {
      const storage: PrimaryStorage = {
        ...{ uuid: uuid(8_000 + index), name, description: "", state: "Enabled", zoneUuid: zone.uuid },
        clusterUuids: this.#inventory.clusters.flatMap((each) => (each.name === cluster ? [each.uuid] : [])),
        sharedBlocks: wwids.map((wwid) => ({ wwid, sizeBytes: 1024 ** 4, addedAt, heldWhenClaimed: [] })),
      };
      this.#inventory = applyChange(this.#inventory, { kind: "primary storage claimed", storage });
    }
  }

  #understood(words: string) {
    const understood = understand(words, commands);
    if (understood.kind !== "command") throw new Error(`not understood: ${words}`);
    return understood;
  }

  #facts(): Facts {
    const seed = randomUUID().replaceAll("-", "").slice(0, 28);
    return {
      inventory: this.#inventory,
      askedAt: "2020-01-01T00:00:00.000Z",
      now: () => Date.parse("2020-01-01T00:00:00.000Z"),
      observations: { keep: () => undefined, of: () => [] },
      access: noAccess,
      by: "U1",
      policies: defaultPolicies,
      reviews: { all: () => [] },
      history: noHistory,
      uuid: (label) => `${seed}${label.length.toString(16).padStart(4, "0")}`,
      gather: (host, reads) => this.gather(host, reads),
      presentedBy: async () => ({ kind: "unknown", reason: "nobody is asked" }),
      operations: async () => [],
      operation: async () => null,
      ahead: () => [],
      audit: {
        ...{ backwards: async function* () {}, operations: async function* () {}, of: async () => [] },
        verify: async () => Promise.reject(new Error("there is no log in memory")),
      },
      freezes: () => ({ freezes: [], schedules: [], damaged: null }),
      watch: null,
    };
  }

  async gather<R extends Reads>(host: Host, reads: R): Promise<Gathered<R>> {
    const answers: [string, Outcome][] = [];
    for (const [name, read] of Object.entries(reads)) answers.push([name, await this.#run(host, read)]);
    return Object.fromEntries(answers) as Gathered<R>;
  }

  async #run<T>(host: Host, command: HostCommand<T>): Promise<Outcome<T>> {
    const runtime = this.#runtimes.get(host.name);
    if (runtime === undefined) throw new Error(`there is no host ${host.name}`);
    if (this.#off.has(host.name)) return unknown("connection refused");
    const [stdout, stderr]: [string[], string[]] = [[], []];
    const exitCode = await runLine(shellLine(command.argv), runtime, {
      stdout: (text) => void stdout.push(text),
      stderr: (text) => void stderr.push(text),
      stdin: async () => command.stdin ?? "",
      ended: new AbortController().signal,
      cut: () => undefined,
    });
    const output = { stdout: stdout.join(""), stderr: stderr.join(""), exitCode: exitCode ?? 1 };
    return outcomeOf(command, output, "root");
  }
}

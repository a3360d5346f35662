import { createHash } from "node:crypto";
import { commands } from "../../src/all-commands.ts";
import type { Facts } from "../../src/core/facts.ts";
import type { Gathered, HostCommand, Reads } from "../../src/core/host-command.ts";
import { shellLine } from "../../src/core/host-command.ts";
import { changedKeyText } from "../../src/core/host-key.ts";
import { emptyInventory, type Host, type Inventory } from "../../src/core/inventory.ts";
import { applyChange } from "../../src/core/inventory-change.ts";
import { type Outcome, unknown } from "../../src/core/outcome.ts";
import type { Plan } from "../../src/core/plan.ts";
import { commandOf } from "../../src/core/step.ts";
import { noHistory } from "../../src/core/track-history.ts";
import { understand } from "../../src/language/understand.ts";
import { SanArray } from "../../src/simulator/san/array.ts";
import { HostRuntime } from "../../src/simulator/san/host-runtime.ts";
import { boot, powerOff } from "../../src/simulator/san/power.ts";
import { runLine } from "../../src/simulator/san/run-line.ts";
import { San } from "../../src/simulator/san/san.ts";
import type { SanState } from "../../src/simulator/san/san-state.ts";
import { SanUsers } from "../../src/simulator/san/san-users.ts";
import { SanVms } from "../../src/simulator/san/san-vms.ts";
import { SanVolumes } from "../../src/simulator/san/san-volumes.ts";
import { tutorialSan } from "../../src/simulator/san/tutorial-san.ts";
import type { SimulatedHosts } from "../../src/simulator/simulated-hosts.ts";
import { outcomeOf } from "../../src/ssh/outcome-of.ts";
import { defaultPolicies, noAccess } from "../support/permission.ts";

const digest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 32);
const zone = { uuid: digest("zone"), name: "ZONE-1" };
const cluster = { uuid: digest("cluster"), name: "cluster-1", zoneUuid: zone.uuid };

export interface WorldState {
  readonly san: SanState;
  readonly inventory: Inventory;
}

/** The tutorial's hosts and inventory in this process, without SSH, Slack and files: what is planned, in milliseconds. */
export class WorldInMemory {
  readonly hosts: SimulatedHosts;
  readonly #runtimes: ReadonlyMap<string, HostRuntime>;
  readonly #san: San;
  inventory: Inventory;

  constructor(state: WorldState | null = null) {
    const san = new San(state === null ? tutorialSan() : structuredClone(state.san));
    this.#san = san;
    this.#runtimes = new Map(
      san.state.hosts.map((host) => [host.name, new HostRuntime(san, host, 0, async () => undefined, null)]),
    );
    this.hosts = hostsOf(san, this.#runtimes);
    this.inventory = state?.inventory ?? {
      ...emptyInventory,
      zones: [zone],
      clusters: [cluster],
      hosts: this.hosts.hosts.map((host) => ({
        ...host,
        uuid: digest(host.name),
        clusterUuid: cluster.uuid,
        sanlockHostId: null,
      })),
    };
  }

  /** A copy. It has no faults. */
  state(): WorldState {
    return { san: structuredClone(this.#san.state), inventory: this.inventory };
  }

  /** Throws a Refusal. */
  async plans(words: string): Promise<Plan> {
    const understood = understand(words, commands);
    if (understood.kind !== "command" || understood.command.kind !== "change") throw new Error(`${words} is no change`);
    return understood.command.plan(understood.args, this.#facts(words));
  }

  /** Plans and runs it, one step after another. */
  async does(words: string): Promise<void> {
    for (const stage of (await this.plans(words)).stages) {
      if (stage.kind === "record") this.inventory = stage.changes.reduce(applyChange, this.inventory);
      else for (const step of stage.steps) await this.runs(step.host.name, commandOf(step));
    }
  }

  /** The storage is on its LUNs, and the inventory does not have it. */
  forgets(name: string): void {
    const storage = this.inventory.primaryStorages.find((each) => each.name === name);
    if (storage === undefined) throw new Error(`there is no storage ${name}`);
    this.inventory = applyChange(this.inventory, { kind: "primary storage removed", uuid: storage.uuid });
  }

  async runs(host: string, command: HostCommand<unknown>): Promise<void> {
    const outcome = await this.#outcome(host, command);
    if (outcome.kind !== "done") throw new Error(`${command.argv.join(" ")} on ${host}: ${JSON.stringify(outcome)}`);
  }

  #facts(words: string): Facts {
    return {
      inventory: this.inventory,
      askedAt: new Date().toISOString(),
      now: () => Date.now(),
      observations: { keep: () => undefined, of: () => [] },
      access: noAccess,
      by: "U1",
      policies: defaultPolicies,
      reviews: { all: () => [] },
      history: noHistory,
      uuid: (label) => digest(`${words}\n${label}`),
      gather: (host, reads) => this.#gather(host, reads),
      presentedBy: async ({ port, user }) => {
        const host = this.hosts.hosts.find((each) => each.port === port);
        const runtime = this.#runtimes.get(host?.name ?? "");
        if (host === undefined || runtime === undefined || runtime.faults.find("down"))
          return unknown("connection refused");
        const sha256 = runtime.faults.find("other host key") ? `SHA256:other${host.name}` : host.hostKeySha256;
        const value = { sha256, port: host.port, user: user ?? "root", way: null, certificate: null };
        return { kind: "done", value, exitCode: 0 };
      },
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

  async #gather<R extends Reads>(host: Host, reads: R): Promise<Gathered<R>> {
    const answers: [string, Outcome][] = [];
    for (const [name, read] of Object.entries(reads)) answers.push([name, await this.#outcome(host.name, read)]);
    return Object.fromEntries(answers) as Gathered<R>;
  }

  async #outcome<T>(host: string, command: HostCommand<T>): Promise<Outcome<T>> {
    const runtime = this.#runtimes.get(host);
    if (runtime === undefined || runtime.faults.find("down")) return unknown("connection refused");
    if (runtime.faults.find("other host key")) {
      return unknown(changedKeyText({ host, presented: `SHA256:other${host}`, trusted: `SHA256:${host}` }));
    }
    const [stdout, stderr]: [string[], string[]] = [[], []];
    const { user } = runtime.host;
    const sudo = user === "root" ? [] : ["sudo", "-n"];
    const exitCode = await runLine(shellLine([...sudo, ...command.argv]), runtime, {
      stdout: (text) => void stdout.push(text),
      stderr: (text) => void stderr.push(text),
      stdin: async () => command.stdin ?? "",
      ended: new AbortController().signal,
      cut: () => undefined,
    });
    if (exitCode === null) return unknown("connection lost");
    return outcomeOf(command, { stdout: stdout.join(""), stderr: stderr.join(""), exitCode }, user);
  }
}

function hostsOf(san: San, runtimes: ReadonlyMap<string, HostRuntime>): SimulatedHosts {
  const named = (name: string): HostRuntime => {
    const runtime = runtimes.get(name);
    if (runtime === undefined) throw new Error(`there is no host ${name}`);
    return runtime;
  };
  return {
    hosts: [...runtimes.values()].map(({ host: { name, user } }, index) => ({
      name,
      user,
      address: "127.0.0.1",
      port: 22_001 + index,
      hostKeySha256: `SHA256:${name}`,
    })),
    san,
    privateKey: "",
    array: new SanArray(san),
    volumes: new SanVolumes(san),
    vms: new SanVms(san),
    users: new SanUsers(san),
    fault: async (name, fault) => named(name).faults.add(fault),
    heal: async (name) => named(name).faults.clear(),
    async powerOff(name) {
      powerOff(san, named(name).host, Date.now());
      named(name).faults.add({ kind: "down" });
    },
    async powerOn(name) {
      boot(san, named(name).host);
      named(name).faults.clear();
    },
    execs: () => 0,
    connections: () => 0,
    disconnect: () => undefined,
    ran: (name) => named(name).ran,
    file: (name, path) => named(name).host.files.find((file) => file.path === path)?.content ?? null,
    stop: async () => undefined,
  };
}

import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { performInLab, typeIn } from "./control.ts";
import { counted } from "./counted.ts";
import { keepState, returnToState } from "./kept-state.ts";
import { type Leases, setLeases } from "./leases.ts";
import { run } from "./places.ts";
import { written } from "./stand-in.ts";
import type { LabState } from "./state.ts";

/**
 * The running lab at the beginning of a story: fresh, or in a state that an earlier story kept. It becomes fresh with the
 * first command or fault of the story. A story that goes back to a kept state needs no fresh hosts.
 */
export class LabOfStory {
  readonly #state: LabState;
  readonly #leases: Leases;
  #becomesReady: Promise<void> | null = null;

  constructor(state: LabState, leases: Leases) {
    this.#state = state;
    this.#leases = leases;
  }

  /** Resolves when its hosts are ready for the story. */
  ready(): Promise<void> {
    this.#becomesReady ??= this.#becomeFresh();
    return this.#becomesReady;
  }

  /** Resets the lab if an earlier story left traces. Programs are counted on the host, also after a power cut. */
  async #becomeFresh(): Promise<void> {
    if (existsSync(run.traces)) await performInLab("reset");
    const script = `${written(counted)}\n${setLeases(this.#leases)}\nsync`;
    await Promise.all(this.names.map((name) => typeIn(name, script)));
  }

  /** Nothing was done to the hosts yet, except by commands in the channel. */
  get untouched(): boolean {
    return this.#becomesReady === null || !existsSync(run.traces);
  }

  /** Keeps the state of all, for stories that begin with it. */
  keeps(name: string, dataDirectory: string): Promise<void> {
    return keepState(this.#keptAs(name), this.names, dataDirectory);
  }

  /** Puts the kept state back. If the answer is false, the lab becomes fresh. */
  async returnsTo(name: string, dataDirectory: string): Promise<boolean> {
    const kept = await returnToState(this.#keptAs(name), this.names, dataDirectory);
    this.#becomesReady = kept ? Promise.resolve() : null;
    return kept;
  }

  #keptAs(name: string): string {
    return `${name}-${this.#leases.replace(" ", "-")}`;
  }

  get names(): string[] {
    return this.#state.guests.map(({ name }) => name);
  }
  get privateKeyFile(): string {
    return this.#state.privateKeyFile;
  }

  protected async types(host: string, script: string): Promise<string> {
    await this.ready();
    return typeIn(host, script);
  }

  protected async performs(...words: readonly string[]): Promise<void> {
    await this.ready();
    await performInLab(...words);
  }

  /** The next story needs a reset. */
  async leavesTraces(): Promise<void> {
    await this.ready();
    await writeFile(run.traces, "");
  }
}

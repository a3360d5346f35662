import type { CommandOutput, HostCommand } from "../core/host-command.ts";
import type { Outcome } from "../core/outcome.ts";
import { outcomeOf } from "./outcome-of.ts";

type Commands = readonly HostCommand<unknown>[];
type Outcomes = Map<HostCommand<unknown>["parse"], Promise<Outcome>>;

/** Pending answers of hosts, shared by all who ask the same until then. An output that was read once is parsed once. */
export class SharedAnswers {
  /** By host, then by the exact commands. */
  #onTheirWay = new WeakMap<object, Map<string, Promise<unknown>>>();
  readonly #outcomes = new WeakMap<CommandOutput, Outcomes>();

  /** The pending answer, or a new one; `joined` is true for a pending one. */
  answer<E>(host: object, commands: Commands, ask: () => Promise<E>): [joined: boolean, answer: Promise<E>] {
    const key = JSON.stringify(
      commands.map(({ argv, stdin, timeoutMs, onlyIfActive }) => [
        argv,
        stdin ?? null,
        timeoutMs,
        onlyIfActive ?? null,
      ]),
    );
    const ofHost = this.#onTheirWay.get(host) ?? new Map<string, Promise<unknown>>();
    this.#onTheirWay.set(host, ofHost);
    const known = ofHost.get(key);
    // The same commands to the same host are always asked with the same `ask`.
    if (known !== undefined) return [true, known as Promise<E>];
    const answer = ask().finally(() => {
      if (ofHost.get(key) === answer) ofHost.delete(key);
    });
    ofHost.set(key, answer);
    return [false, answer];
  }

  /** New requests no longer share the answers that are pending now. */
  forget(): void {
    this.#onTheirWay = new WeakMap();
  }

  /** As the function of the same name. Outputs of steps, which are kept, are shared with nobody. */
  outcomeOf(
    command: HostCommand<unknown>,
    output: CommandOutput,
    user: string,
    keepsOutput: boolean,
  ): Promise<Outcome> {
    const known = this.#outcomes.get(output) ?? new Map();
    this.#outcomes.set(output, known);
    const outcome = known.get(command.parse) ?? outcomeOf(command, output, user, keepsOutput);
    known.set(command.parse, outcome);
    return outcome;
  }
}

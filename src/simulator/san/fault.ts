/**
 * The runs of a program that get a fault: all, or those with one argument and without another. `wipefs` lists, `wipefs
 * --all --no-act` backs up, and only `wipefs --all` without `--no-act` destroys.
 */
interface OfProgram {
  readonly program: string;
  readonly argument?: string;
  readonly without?: string;
}

/** A fault of a host, until it is cleared. */
export type Fault =
  /** No SSH server listens. */
  | { readonly kind: "down" }
  /** Connections are accepted, and the server is silent. */
  | { readonly kind: "silent" }
  /** Every exec request waits this time before it runs, or until the fault is cleared. */
  | { readonly kind: "slow"; readonly ms: number }
  | { readonly kind: "refuses key" }
  | { readonly kind: "other host key" }
  | { readonly kind: "sudo wants a password" }
  /** As sudoers of docs/least-power.md says. */
  | { readonly kind: "sudo allows only the root helper" }
  | { readonly kind: "lacks"; readonly program: string }
  | (OfProgram & { readonly kind: "invalid output"; readonly stdout: string })
  | (OfProgram & { readonly kind: "fails"; readonly exitCode: number; readonly stderr: string; readonly once?: true })
  /** It never ends: before it did anything, or, with `after`, when all is done. */
  | (OfProgram & { readonly kind: "hangs"; readonly after?: "before" | "effect" })
  /** The connection is cut once: before the program did anything, or when all is done but its exit code is not yet sent. */
  | (OfProgram & { readonly kind: "cut during"; readonly after: "before" | "effect" });

type FaultKind = Fault["kind"];
type FaultOf<K extends FaultKind> = Extract<Fault, { kind: K }>;

/** The faults of one host. */
export class Faults {
  #present: Fault[] = [];
  #waiting: (() => void)[] = [];

  add(fault: Fault): void {
    this.#present.push(fault);
  }

  clear(): void {
    this.#present = [];
    for (const healed of this.#waiting.splice(0)) healed();
  }

  /** Resolves when the faults are cleared. */
  healed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  find<K extends FaultKind>(kind: K): FaultOf<K> | null {
    return this.#present.find((fault): fault is FaultOf<K> => fault.kind === kind) ?? null;
  }

  /** The fault of this run of a program. */
  ofRun<K extends "lacks" | "invalid output" | "fails" | "hangs" | "cut during">(
    kind: K,
    argv: readonly string[],
  ): FaultOf<K> | null {
    const [program, ...args] = argv;
    return (
      this.#present.find(
        (fault): fault is FaultOf<K> =>
          fault.kind === kind &&
          "program" in fault &&
          fault.program === program &&
          (!("argument" in fault) || fault.argument === undefined || args.includes(fault.argument)) &&
          (!("without" in fault) || fault.without === undefined || !args.includes(fault.without)),
      ) ?? null
    );
  }

  remove(fault: Fault): void {
    this.#present = this.#present.filter((one) => one !== fault);
  }
}

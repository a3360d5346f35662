import type { Finding } from "../core/finding.ts";
import type { Incident } from "../core/incident.ts";
import { runInSlices, type Slices } from "../core/parts.ts";
import { steadyMs } from "../core/steady-clock.ts";
import { holdersOf, isApart, silenceKeyOf } from "./holders.ts";
import { changedIn } from "./incident-changes.ts";
import { factText } from "./incident-text.ts";
import { type Damping, nextRoundInSlices } from "./incidents.ts";
import type { Observations } from "./observations.ts";
import type { WatchPorts } from "./ports.ts";
import { UncoveredCauses } from "./uncovered-causes.ts";
import type { WallClock } from "./wall-clock.ts";

/** How often a round is made while something is to be reported soon, in milliseconds. */
const DUE_EVERY_MS = 200;
/** The rest after a round, in times of what it took. */
const REST_TIMES = 4;
/** At most, in milliseconds: other work may have slowed the round. */
const LONGEST_REST_MS = 5_000;
/** So many findings in each millisecond between two rounds: with 10,000 a round a second is enough. */
const FOUND_IN_MS = 10;
/** What could not be kept is kept again after this time, in milliseconds, also if nothing changes. */
const TAKE_AGAIN_MS = 5_000;

export interface RoundSettings {
  /** How often the incidents are checked while there are any, in milliseconds. */
  readonly roundEveryMs: number;
  readonly damping: Damping;
}
type Ports = Pick<WatchPorts, "inventory" | "coveredBy" | "take" | "failed">;
type Taken = Parameters<Ports["take"]>[0];
interface Setting {
  readonly ports: Ports;
  readonly settings: RoundSettings;
  readonly newId: () => string;
  readonly clock: WallClock;
  readonly observations: Observations;
  /** Observes a host now, because what a cause is depends on it. `askedMs`: when its round began. */
  readonly observe: (hostUuid: string, askedMs: number) => void;
}

/** The incidents, and when the next round compares them with what fails. */
export class IncidentRounds {
  readonly #ports: Ports;
  readonly #settings: RoundSettings;
  readonly #newId: () => string;
  readonly #clock: WallClock;
  readonly #observations: Observations;
  readonly #observe: Setting["observe"];
  readonly #causes: UncoveredCauses;
  #incidents: readonly Incident[];
  /** Made when it is asked for. */
  #holders: { readonly of: readonly Incident[]; readonly bySubject: ReadonlyMap<string, string> } | null = null;
  #round: NodeJS.Timeout | null = null;
  /** When `#round` is due. */
  #roundDueMs = 0;
  /** Not before this time the next round begins. */
  #nextRoundMs = 0;
  /** A large round that runs now. */
  #rounding: Promise<void> | null = null;
  /** What was observed during it has no round of its own. */
  #isRoundAsked = false;
  #taking: Promise<void> = Promise.resolve();
  /** What earlier rounds changed and could not keep. The next one keeps it too. */
  #untaken: (Pick<Taken, "forgotten" | "changed"> & { readonly againMs: number }) | null = null;
  /** What could not be written, and what was there before. */
  readonly #undone = new WeakMap<Incident, Incident>();
  #stopped = false;

  constructor({ ports, settings, newId, clock, observations, observe }: Setting, incidents: readonly Incident[]) {
    this.#ports = ports;
    this.#settings = settings;
    this.#newId = newId;
    this.#clock = clock;
    this.#observations = observations;
    this.#observe = observe;
    this.#incidents = incidents;
    this.#causes = new UncoveredCauses(observations, (finding, sinceMs) => ports.coveredBy(finding, sinceMs));
    clock.onSetBack((byMs) => this.#causes.shift(byMs));
  }

  get incidents(): readonly Incident[] {
    return this.#incidents;
  }

  /** Whether a person resolved this finding, and it is still found. */
  isHeld(findingKey: string): boolean {
    return this.#incidents.some(({ held = [] }) => held.some(({ key }) => key === findingKey));
  }

  /**
   * Whether an incident has the finding that does not have the silence of its host. All is apart from a silence that
   * people expect.
   */
  isApart(finding: Finding): boolean {
    if (this.#causes.isCovered(silenceKeyOf(finding.hostUuid ?? ""))) return true;
    if (this.#holders?.of !== this.#incidents)
      this.#holders = { of: this.#incidents, bySubject: holdersOf(this.#incidents) };
    return isApart(finding, this.#holders.bySubject);
  }

  /** The incidents of an earlier process are checked, also if nothing is observed. */
  begin(): void {
    if (this.#incidents.length > 0) this.#planRound();
  }

  /** A host was observed. */
  follow(): void {
    if (this.#observations.index.isFailing || this.#incidents.length > 0)
      this.#planRound(this.#nextRoundMs - steadyMs());
  }

  /** Resolves once what is being kept is on disk. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#round) clearTimeout(this.#round);
    await this.#rounding;
    await this.#taking;
  }

  /** A person changed incidents: acknowledged one, say. Resolves once it is on disk; rejects if it can't be written. */
  async revise(change: (incidents: readonly Incident[]) => readonly Incident[]): Promise<void> {
    // A round replaces the incidents that it began with.
    while (this.#rounding !== null) await this.#rounding;
    const before = this.#incidents;
    const incidents = change(before);
    this.#incidents = incidents;
    const taken = this.#taking.then(() => this.#ports.take({ incidents, reports: [], forgotten: [], changed: [] }));
    this.#taking = taken.catch(() => undefined);
    this.#planRound();
    try {
      await taken;
    } catch (error) {
      // The person reads that nothing was changed, so the next round must not write it.
      for (const [index, incident] of incidents.entries()) {
        const earlier = before[index];
        if (earlier !== undefined && earlier !== incident) this.#undone.set(incident, earlier);
      }
      this.#incidents = this.#incidents.map((incident) => this.#writtenOf(incident));
      throw error;
    }
  }

  /** Resolves when all incidents up to now are on disk, and those that can't come back are in the archive. */
  async written(): Promise<void> {
    while (this.#rounding !== null) await this.#rounding;
    await this.#taking;
  }

  /** Several changes may have failed, each built on the one before. */
  #writtenOf(incident: Incident): Incident {
    const earlier = this.#undone.get(incident);
    return earlier === undefined ? incident : this.#writtenOf(earlier);
  }

  /** An earlier time stays. Without a delay the round is now. */
  #planRound(withinMs = this.#settings.roundEveryMs): void {
    if (this.#stopped) return;
    if (withinMs <= 0) {
      this.#runRound();
      return;
    }
    const dueMs = steadyMs() + withinMs;
    if (this.#round !== null && this.#roundDueMs <= dueMs) return;
    if (this.#round !== null) clearTimeout(this.#round);
    this.#roundDueMs = dueMs;
    this.#round = setTimeout(() => this.#runRound(), withinMs);
  }

  /** A round of a few findings ends at once. A larger one lets other work run at times. */
  #runRound(): void {
    if (this.#round !== null) clearTimeout(this.#round);
    this.#round = null;
    if (this.#rounding !== null) {
      this.#isRoundAsked = true;
      return;
    }
    this.#clock.follow();
    const work = this.#roundInSlices(Date.now());
    try {
      if (work.next().done) return;
    } catch (error) {
      this.#roundFailed(error);
      this.#planRound();
      return;
    }
    this.#isRoundAsked = false;
    this.#rounding = runInSlices(work)
      .catch((error) => {
        this.#roundFailed(error);
        this.#isRoundAsked = true;
      })
      .finally(() => {
        this.#rounding = null;
        if (this.#isRoundAsked) this.#planRound(Math.max(1, this.#nextRoundMs - steadyMs()));
      });
  }

  /** The next round tries again. Until then the incidents stay as they are. */
  #roundFailed(error: unknown): void {
    this.#ports.failed("comparing the findings", error);
    this.#nextRoundMs = steadyMs() + this.#settings.roundEveryMs;
  }

  *#roundInSlices(startedMs: number): Slices<void> {
    const beganMs = steadyMs();
    const causes = yield* this.#causes.inSlices(this.#incidents);
    for (const hostUuid of this.#observations.deciding(causes)) this.#observe(hostUuid, startedMs);
    const { inventory } = this.#ports;
    const before = this.#incidents;
    let there: ReadonlySet<string> | null = null;
    const round = yield* nextRoundInSlices(before, causes, Date.now(), {
      ...{ damping: this.#settings.damping, newId: this.#newId },
      isUnknown: (finding) => this.#observations.isUnknown(finding),
      isThere: (key) => {
        there ??= this.#observations.index.failingKeys();
        return there.has(key);
      },
      isUnwatched: (finding) => this.#observations.isUnwatched(finding),
      says: (cause) => factText(cause, inventory()),
    });
    if (this.#stopped) return;
    // What could not be written was undone.
    if (this.#incidents !== before) return yield* this.#roundInSlices(startedMs);
    const changed = changedIn(before, round.incidents);
    const isLess = round.incidents.length < before.length;
    this.#incidents = round.incidents;
    const isTakenAgain = this.#untaken !== null && this.#untaken.againMs <= steadyMs();
    if (isLess || changed.length > 0 || isTakenAgain) this.#take({ ...round, changed });
    // Thousands of findings take a while. Between the rounds there is time for other work.
    const found = causes.reduce((count, { findings }) => count + findings.length, 0);
    const restMs = Math.min(REST_TIMES * (steadyMs() - beganMs), LONGEST_REST_MS);
    this.#nextRoundMs = steadyMs() + Math.max(restMs, found / FOUND_IN_MS);
    const isLive = causes.length > 0 || this.#incidents.some(({ state }) => state !== "resolved");
    if (!isLive && this.#untaken === null) return;
    // What nobody has read of yet is to be reported on time.
    const isDue = causes.some(({ isDoubtful }) => isDoubtful) || this.#incidents.some(isPending);
    const everyMs = Math.min(this.#settings.roundEveryMs, isDue ? DUE_EVERY_MS : Number.POSITIVE_INFINITY);
    this.#planRound(Math.max(everyMs, this.#nextRoundMs - steadyMs()));
  }

  /** In the order of the rounds: what is on disk is never older than what was posted. */
  #take(round: Taken): void {
    this.#taking = this.#taking.then(() => this.#takeWithUntaken(round));
  }

  /** Of what could not be kept nobody has read yet. It is posted once it is on disk. */
  async #takeWithUntaken({ forgotten, changed, ...round }: Taken): Promise<void> {
    const before = this.#untaken ?? { forgotten: [], changed: [] };
    const all = {
      forgotten: [...before.forgotten, ...forgotten],
      changed: [...new Set([...before.changed, ...changed])],
    };
    this.#untaken = null;
    try {
      await this.#ports.take({ ...round, ...all });
    } catch (error) {
      this.#untaken = { ...all, againMs: steadyMs() + TAKE_AGAIN_MS };
      this.#ports.failed("keeping the incidents", error);
      this.#planRound(TAKE_AGAIN_MS);
    }
  }
}

const isPending = ({ state, quietAt }: Incident): boolean => state === "pending" && quietAt === null;

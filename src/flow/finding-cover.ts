import { createHash } from "node:crypto";
import type { Finding } from "../core/finding.ts";
import type { Inventory, PrimaryStorage } from "../core/inventory.ts";
import { effectsKeyOf, type Operation } from "../core/operation.ts";
import type { WatchPause } from "../core/watch-facts.ts";
import { canAccept } from "../watch/accepted.ts";
import { canCause, canCauseAnywhere, causesForGood } from "../watch/operation-effects.ts";
import { isSilent, type Observed } from "../watch/sample.ts";
import type { Watcher } from "../watch/watcher.ts";
import type { CoveredFindings, EffectsThread } from "./covered-findings.ts";
import { isOfEndedSessions } from "./ended-sessions.ts";
import { hostLocksOf, namedHosts, namesIn, wordsIn } from "./named-hosts.ts";
import type { Clock, World } from "./ports.ts";

/** What began just before an operation's end is seen at most so late, in milliseconds, if events say when to observe. */
const LATE_MS = 5_000;
/** An operation that ended so long before a host's first observation is not its cause any more, in milliseconds. */
const UNOBSERVED_MS = 600_000;
const OPERATIONS_READ = 20;

interface Setting {
  readonly world: Pick<World, "inventory" | "operations" | "buttonKey"> & { readonly clock: Clock };
  /** The operations that change one of these things now, or changed it just before. */
  readonly changing: (names: readonly string[]) => readonly string[];
  /** How often a host is observed without events, in milliseconds. */
  readonly everyMs: number;
}

/** Why a finding is no incident. */
interface Cover {
  readonly pause: WatchPause | null;
  /** In its thread people read of it; null: in none. */
  readonly operation: Operation | null;
  readonly why: string;
}

/** What covers a finding: a pause, a maintenance, or an operation that causes it. */
export class FindingCover {
  readonly #setting: Setting;
  readonly #pauses: () => readonly WatchPause[];
  readonly #covered: CoveredFindings;
  readonly #watcher: Pick<Watcher, "accept" | "hearsEventsOf" | "pathsOf">;
  /** By storage: the id of the operation that began its maintenance. */
  readonly #maintainingOf = new WeakMap<Inventory, Map<string, string | null>>();
  /** When this bot observed each host first, in milliseconds. */
  readonly #firstObservedMs = new Map<string, number>();

  constructor(
    setting: Setting,
    pauses: () => readonly WatchPause[],
    covered: CoveredFindings,
    watcher: Pick<Watcher, "accept" | "hearsEventsOf" | "pathsOf">,
  ) {
    this.#setting = setting;
    this.#pauses = pauses;
    this.#covered = covered;
    this.#watcher = watcher;
  }

  /** Called with each observation. */
  follow(observed: Observed): void {
    if (!isSilent(observed) && !this.#firstObservedMs.has(observed.hostUuid))
      this.#firstObservedMs.set(observed.hostUuid, observed.atMs);
  }

  /** What the team does itself is no incident: people read of it in the operation's thread. null: nothing covers it. */
  by(finding: Finding, sinceMs: number): string | null {
    const cover = this.of(finding, sinceMs);
    if (cover === null) return null;
    const { operation, pause, why } = cover;
    if (pause !== null) {
      this.#covered.note(
        { id: `the pause until ${pause.until}`, why, thread: () => this.#threadOf(pause) },
        finding,
        sinceMs,
      );
      return why;
    }
    if (operation === null) return why;
    const { id } = operation;
    const thread = () => threadOf(this.#setting.world.operations.get(id));
    const isRead = this.#covered.note({ id, why, thread }, finding, sinceMs);
    // Not before: after a kill the next bot finds it again, and people read of it then.
    if (isRead && causesForGood(operation, finding)) this.#watcher.accept(finding);
    return id;
  }

  /** Without a line for people. null: nothing covers it. */
  of(finding: Finding, sinceMs: number): Cover | null {
    const inventory = this.#setting.world.inventory.current();
    const { clusterUuid, storageUuid } = finding;
    const nowMs = this.#setting.world.clock.now().getTime();
    const pause = this.#pauses().find((each) => each.clusterUuid === clusterUuid && Date.parse(each.until) > nowMs);
    if (pause !== undefined) {
      const name = namesIn(inventory).get(clusterUuid) ?? clusterUuid;
      return { pause, operation: null, why: `The watch of ${name} is paused` };
    }
    const storage = inventory.primaryStorages.find(({ uuid }) => uuid === storageUuid);
    if (storage?.state === "Maintenance")
      return {
        pause: null,
        operation: this.#maintaining(storage, inventory),
        why: `${storage.name} is in maintenance`,
      };
    const operation =
      this.#runningCause(finding, sinceMs, inventory) ??
      this.#earlierCause(finding, sinceMs) ??
      this.#endedUnobserved(finding, sinceMs, inventory);
    return operation && { pause: null, operation, why: `${operation.id} causes this` };
  }

  /** The first finding may have come before the pause's answer was posted, so the pause is read again. */
  #threadOf({ clusterUuid, until }: WatchPause): EffectsThread {
    const posted = this.#pauses().find((each) => each.clusterUuid === clusterUuid && each.until === until)?.posted;
    if (posted === undefined) return "none";
    const { place, messageId, at: since } = posted;
    const what = [this.#setting.world.buttonKey, "pause", clusterUuid, until].join(" ");
    return { place, messageId, key: createHash("sha256").update(what).digest("hex").slice(0, 32), since };
  }

  /** The operation that began its maintenance. Each finding asks for it in each round. */
  #maintaining({ uuid, name }: PrimaryStorage, inventory: Inventory): Operation | null {
    const known = this.#maintainingOf.get(inventory) ?? new Map<string, string | null>();
    this.#maintainingOf.set(inventory, known);
    const { operations } = this.#setting.world;
    const isIts = ({ words, confirmedAt }: Operation) =>
      confirmedAt !== null && /\bsharedblock maintain\b/.test(words) && wordsIn(words).includes(name);
    const before = known.get(uuid);
    const id = before === undefined ? (operations.latest(Number.MAX_SAFE_INTEGER).find(isIts)?.id ?? null) : before;
    known.set(uuid, id);
    return id === null ? null : operations.get(id);
  }

  /** The operation that changes this thing now, or changed it just before: what began then, and what it can cause. */
  #runningCause(finding: Finding, sinceMs: number, inventory: Inventory): Operation | null {
    const { operations } = this.#setting.world;
    const running = (names: readonly string[], causes: (operation: Operation) => boolean) =>
      this.#setting
        .changing(names)
        .map((id) => operations.get(id))
        .find((each) => each !== null && causes(each) && this.#isOf(each, finding, sinceMs, inventory)) ?? null;
    const own = [finding.storageUuid, finding.wwid].filter((name) => name !== null);
    return (
      running(own, (operation) => canCause(operation, finding)) ??
      running(hostLocksOf(finding, inventory), (operation) => canCauseAnywhere(operation, finding))
    );
  }

  /** Only what began while the operation ran, on its hosts. */
  #isOf(
    { words, confirmedAt, finishedAt }: Operation,
    finding: Finding,
    sinceMs: number,
    inventory: Inventory,
  ): boolean {
    if (confirmedAt !== null && sinceMs < Date.parse(confirmedAt)) return false;
    if (!this.#isThrough(words, finding)) return false;
    if (finding.hostUuid !== null && !namedHosts(words, inventory).has(finding.hostUuid)) return false;
    const lateMs = this.#watcher.hearsEventsOf(finding.hostUuid ?? "") ? LATE_MS : LATE_MS + this.#setting.everyMs;
    return finishedAt === null || sinceMs <= Date.parse(finishedAt) + lateMs;
  }

  #isThrough(words: string, finding: Finding): boolean {
    return finding.hostUuid === null || isOfEndedSessions(words, finding, this.#watcher.pathsOf(finding.hostUuid));
  }

  /** What stays is this operation's until people can read of it, though Slack is away for longer than hosts settle. */
  #earlierCause(finding: Finding, sinceMs: number): Operation | null {
    const id = this.#covered.operationOf(finding, sinceMs);
    const operation = id === null ? null : this.#setting.world.operations.get(id);
    return operation !== null && canAccept(finding) && causesForGood(operation, finding) ? operation : null;
  }

  /**
   * The operation that ended shortly before this bot started, if the host was not observed since: what its first
   * observation shows may be the operation's effect. Only what stays: a lost lease must not stay hidden.
   */
  #endedUnobserved(finding: Finding, sinceMs: number, inventory: Inventory): Operation | null {
    const { hostUuid, clusterUuid, wwid } = finding;
    if (hostUuid === null || sinceMs !== this.#firstObservedMs.get(hostUuid) || !canAccept(finding)) return null;
    const names = [
      ...[hostUuid, clusterUuid].map((uuid) => namesIn(inventory).get(uuid)),
      ...inventory.primaryStorages.flatMap((each) => (each.clusterUuids.includes(clusterUuid) ? [each.name] : [])),
    ];
    const isAbout = (words: string) =>
      wordsIn(words).some((word) => names.includes(word) || (wwid !== null && word.length > 5 && wwid.endsWith(word)));
    const latest = this.#setting.world.operations.latest(OPERATIONS_READ);
    return (
      latest.find(
        (each) =>
          each.finishedAt !== null &&
          sinceMs - Date.parse(each.finishedAt) < UNOBSERVED_MS &&
          causesForGood(each, finding) &&
          this.#isThrough(each.words, finding) &&
          namedHosts(each.words, inventory).has(hostUuid) &&
          isAbout(each.words),
      ) ?? null
    );
  }
}

/** null: the operation's message is not posted yet. */
function threadOf(operation: Operation | null): EffectsThread | null {
  if (operation === null) return "none";
  const { place, messageId, askedAt } = operation;
  return messageId === null ? null : { place, messageId, key: effectsKeyOf(operation), since: askedAt };
}

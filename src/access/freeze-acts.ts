import { durationText } from "../core/duration.ts";
import type { Facts } from "../core/facts.ts";
import { clusterNamed } from "../core/find.ts";
import type { Freezes } from "../core/freeze.ts";
import { millisecondsOf } from "../core/moment.ts";
import { Refusal, reason } from "../core/refusal.ts";
import type { Inline, Part, Reply } from "../core/reply.ts";
import { type Needed, roleText } from "../core/role.ts";
import type { Acting } from "../core/watch-facts.ts";
import { currentOrNext } from "./freeze-schedule.ts";
import { frozenAt, frozenLines, linePart, namedOrAll } from "./frozen.ts";
import { clustersWords } from "./role-arguments.ts";

interface OfCluster {
  readonly clusterOrAll: string;
}

type FreezeOfPerson = Freezes["freezes"][number];

/** null: all clusters. */
const clusterIn = ({ clusterOrAll }: OfCluster, { inventory }: Facts): string | null =>
  clusterOrAll === "all" ? null : clusterNamed(inventory, clusterOrAll).name;

/** Also a cluster that is not in the inventory any more. */
const keptIn = ({ clusterOrAll }: OfCluster): string | null => (clusterOrAll === "all" ? null : clusterOrAll);

const typedName = (cluster: string | null): string => cluster ?? "all";
const isOrAre = (cluster: string | null): string => (cluster === null ? "All clusters are" : `${cluster} is`);
const text = (content: readonly Inline[] | string): Part => ({ kind: "text", text: content });

/**
 * No change of the cluster begins until the freeze ends. It replaces the person's own freeze of the cluster. Those of
 * others stay, so that nobody shortens them.
 */
export async function freezeCluster(
  asked: OfCluster & { readonly reason: string; readonly until?: string | undefined },
  facts: Facts,
  acting: Acting,
): Promise<Reply> {
  const cluster = clusterIn(asked, facts);
  refuseIfDamaged(facts);
  const until = asked.until === undefined ? null : untilOf(asked.until, facts.now());
  const at = new Date(facts.now()).toISOString();
  const freeze = { cluster, by: acting.by, at, reason: asked.reason, until };
  await acting.freezes.change((latest) => {
    const isReplaced = (each: FreezeOfPerson) => each.cluster === cluster && each.by === acting.by;
    const others = withoutEnded(latest, facts.now()).filter((each) => !isReplaced(each));
    return { ...latest, freezes: [...others, freeze] };
  });
  // Read after the freeze is on disk: what passed its check before holds its locks now.
  const running = acting.runs.running().filter(({ clusters }) => cluster === null || clusters.includes(cluster));
  return {
    title: `${isOrAre(cluster)} frozen`,
    tone: "warning",
    parts: [
      text([
        "No change begins there ",
        ...(until === null ? ["until a person ends the freeze."] : (["until ", { at: until }, "."] as const)),
        " The hosts are still watched.",
      ]),
      text(["Frozen by ", { person: acting.by }, `: ${asked.reason}`]),
      ...running.map(({ id, title }) =>
        text(`${id} (${title}) runs now. The freeze does not stop it: \`operation stop ${id}\` does.`),
      ),
    ],
    next: [`unfreeze ${typedName(cluster)}`, "freeze list"],
  };
}

/** Ends the freezes of a cluster, or with `all` every freeze: an admin those of all people. A schedule stays. */
export async function unfreezeCluster(asked: OfCluster, facts: Facts, acting: Acting): Promise<Reply> {
  const cluster = keptIn(asked);
  const { damaged, freezes } = facts.freezes();
  const needed: Needed = { role: "admin", clusters: cluster === null ? "all" : [cluster] };
  const isAdmin = (await acting.access.because(acting.by, needed)) !== null;
  const isMeant = (each: FreezeOfPerson) => cluster === null || each.cluster === cluster;
  const ends = (each: FreezeOfPerson) => isMeant(each) && (isAdmin || each.by === acting.by);
  const meant = withoutEnded({ freezes }, facts.now()).filter(isMeant);
  const ended = meant.filter(ends);
  if (!isAdmin && ended.length === 0 && (meant.length > 0 || (damaged !== null && cluster === null)))
    throw needsAdmin(cluster, needed);
  if (damaged !== null) return beginsAgain(cluster, acting);
  if (cluster !== null && ended.length === 0) clusterNamed(facts.inventory, cluster);
  await acting.freezes.change((latest) => ({ ...latest, freezes: latest.freezes.filter((each) => !ends(each)) }));
  const names = cluster === null ? facts.inventory.clusters.map(({ name }) => name) : [cluster];
  const left = frozenAt(facts.freezes(), names, facts.now());
  const was = ended.length === 0 ? `${isOrAre(cluster)} not frozen by a person` : "The freeze ended";
  return {
    title:
      left.length > 0
        ? `${was}, and a freeze is left`
        : `${isOrAre(cluster)} not frozen${ended.length === 0 ? "" : " any more"}`,
    tone: left.length > 0 ? "warning" : "good",
    parts: [
      text(["Ended by ", { person: acting.by }, "."]),
      ...frozenLines(left).map(linePart),
      ...(left.length > 0 ? [text("`unfreeze` ends a freeze, and `freeze unschedule` a schedule.")] : []),
    ],
    next: ["freeze list"],
  };
}

function needsAdmin(cluster: string | null, needed: Needed): Refusal {
  const why = "only the person who froze it, or an admin, ends a freeze; the bot knows you as neither";
  const ask = `role ask admin${clustersWords(cluster === null ? "all" : [cluster])}`;
  return new Refusal(
    `${isOrAre(cluster)} still frozen: the role ${roleText(needed)} is missing`,
    reason("ROLE_MISSING", why, { run: ask }),
    { next: ["freeze list"] },
  );
}

async function beginsAgain(cluster: string | null, { freezes, by }: Acting): Promise<Reply> {
  if (cluster !== null)
    throw new Refusal(
      `${cluster} can't be unfrozen alone`,
      reason(
        "FROZEN",
        "the file with the freezes can't be read",
        "send `unfreeze all`, then freeze again what must be",
      ),
    );
  const kept = await freezes.beginAgain();
  return {
    title: "All clusters are not frozen any more",
    tone: "warning",
    parts: [
      text(["The file with the freezes was written again by ", { person: by }, "."]),
      text(`It has no freeze and no schedule. The damaged file is kept as ${kept ?? "it was"}.`),
    ],
    next: ["freeze list"],
  };
}

/** Each week no change of the cluster begins in the window. */
export async function scheduleFreeze(
  asked: OfCluster & { readonly window: string; readonly tz: string },
  facts: Facts,
  acting: Acting,
): Promise<Reply> {
  const cluster = clusterIn(asked, facts);
  refuseIfDamaged(facts);
  const { window, tz: zone } = asked;
  const schedule = { cluster, window, zone, by: acting.by, at: new Date(facts.now()).toISOString() };
  await acting.freezes.change((latest) => ({
    ...latest,
    schedules: [...latest.schedules.filter((each) => each.cluster !== cluster || each.window !== window), schedule],
  }));
  const { fromMs, untilMs } = currentOrNext(schedule, facts.now());
  const [from, until] = [fromMs, untilMs].map((ms): Inline => ({ at: new Date(ms).toISOString() }));
  const lasts = durationText(untilMs - fromMs);
  return {
    title: `${isOrAre(cluster)} frozen each week: ${window} (${zone})`,
    tone: "warning",
    parts: [
      text(["No change begins there from ", from ?? "", " to ", until ?? "", ` (${lasts}), and so each week.`]),
      text(["Scheduled by ", { person: acting.by }, ". A change that runs at the begin is not stopped."]),
    ],
    next: ["freeze list", `freeze unschedule ${typedName(cluster)}`],
  };
}

/** Removes the schedules of the cluster, or only the one with this window. `all`: those that freeze all clusters. */
export async function unscheduleFreeze(
  asked: OfCluster & { readonly window?: string | undefined },
  facts: Facts,
  acting: Acting,
): Promise<Reply> {
  const cluster = keptIn(asked);
  refuseIfDamaged(facts);
  const { window } = asked;
  const isMeant = (each: { readonly cluster: string | null; readonly window: string }) =>
    each.cluster === cluster && (window === undefined || each.window === window);
  const removed = facts.freezes().schedules.filter(isMeant);
  if (removed.length === 0)
    throw new Refusal(
      `No schedule of ${namedOrAll(cluster)} was removed`,
      reason("NOT_FOUND", "there is no such schedule", "name a schedule of `freeze list`"),
      { next: ["freeze list"] },
    );
  await acting.freezes.change((latest) => ({
    ...latest,
    schedules: latest.schedules.filter((each) => !isMeant(each)),
  }));
  const windows = removed.map(({ window: each, zone }) => `${each} (${zone})`).join(", ");
  return {
    title: `The schedule of ${namedOrAll(cluster)} is removed`,
    tone: "good",
    parts: [text(["Removed by ", { person: acting.by }, `: ${windows}`])],
    next: ["freeze list"],
  };
}

const withoutEnded = ({ freezes }: Pick<Freezes, "freezes">, nowMs: number): Freezes["freezes"] =>
  freezes.filter(({ until }) => until === null || Date.parse(until) > nowMs);

function refuseIfDamaged(facts: Facts): void {
  const { damaged } = facts.freezes();
  if (damaged === null) return;
  const fix = "send `unfreeze all`: it writes the file again; then send this command again";
  throw new Refusal(
    "The freezes can't be changed",
    reason("FROZEN", `${damaged}; so all clusters count as frozen`, fix),
  );
}

const FROM_NOW = /^\d{1,4}[mhdw]$/;

/** `2h` and `3d` are from now on; a day means its end. */
function untilOf(typed: string, nowMs: number): string {
  const ms = FROM_NOW.test(typed)
    ? 2 * nowMs - (millisecondsOf(typed, nowMs, "to") ?? nowMs)
    : millisecondsOf(typed, nowMs, "to");
  if (ms !== null && ms > nowMs) return new Date(ms).toISOString();
  throw new Refusal(
    "Nothing was frozen",
    reason(
      "WRONG_ARGUMENTS",
      `until=${typed} is over already`,
      "type a time that is still to come; it is UTC without a zone",
    ),
  );
}

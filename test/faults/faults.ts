import type { Seed } from "./seed.ts";
import type { Story } from "./story.ts";
import { type Said, saidInTheMiddleOf } from "./trust-story.ts";

/** The time of a fault, counted from the beginning of its act. */
export interface Moment {
  readonly on:
    | "program" // the n-th program that begins on any host
    | "change" // the n-th that is meant to change something
    | "backup" // the n-th that keeps what is on a LUN, before something is destroyed there
    | "message" // the n-th message posted or changed in the channel
    | "start"; // before the words are typed
  readonly n: number;
}

/** How long the fault lasts. */
export type Until = "act" | "story";

export type Fault =
  | { readonly kind: "kill"; readonly after: "before" | "effect"; readonly restarts: "at once" | "next act" }
  | { readonly kind: "stop" }
  /** The connection to the host breaks. The program has done nothing, or everything. */
  | { readonly kind: "cut"; readonly after: "before" | "effect" }
  /** The host reports something wrong. */
  | {
      readonly kind: "wrong output";
      readonly says: "invalid" | "half" | "nothing" | "wrong exit" | "another LUN";
      readonly after: "before" | "effect";
    }
  /** A person puts a file system on the LUN of the act. */
  | { readonly kind: "a person writes" }
  /** A person types words. `after`: what is typed when the act ends. No fault, but it comes as one. */
  | ({ readonly kind: "a person says"; readonly after: Said | null } & Said)
  | { readonly kind: "slow"; readonly ms: number }
  | { readonly kind: "host down"; readonly until: Until }
  | { readonly kind: "host silent"; readonly until: Until }
  /** The next envelopes of Slack. */
  | { readonly kind: "envelopes"; readonly come: "twice" | "twice, late" | "late" | "reordered" | "after restart" }
  | { readonly kind: "connection drops" }
  | { readonly kind: "connection refreshed" }
  /** Each connection stays open and sends nothing more. So do the next ones. */
  | { readonly kind: "connections silent"; readonly next: number }
  /** Calls of Slack's Web API and of response URLs. */
  | {
      readonly kind: "slack says";
      readonly method: string;
      readonly says: SlackSays;
      readonly effect: "none" | "after";
      readonly times: number;
    }
  | { readonly kind: "kicked"; readonly until: Until }
  | { readonly kind: "archived"; readonly until: Until }
  /** The channel takes nothing. The bot is killed when an end is in another place, or in a new message. */
  | { readonly kind: "killed while posting an end"; readonly channel: "archived" | "its message is gone" }
  /** The bot is killed while it posts an end, before Slack has taken it. */
  | { readonly kind: "killed before the end is posted" }
  | { readonly kind: "token revoked"; readonly token: "bot" | "app"; readonly until: Until }
  | { readonly kind: "full disk"; readonly until: Until | "a while" };

export type SlackSays =
  | "internal_error"
  | "fatal_error"
  | "service_unavailable"
  | "request_timeout"
  | "429"
  | "429 without a time"
  | "503"
  | "a page"
  | "nothing, broken"
  | "nothing, silent"
  | "late";

export interface Scheduled {
  readonly act: number;
  readonly moment: Moment;
  readonly fault: Fault;
}

/** Faults that the bot can't yet handle. They are left out, and each run says so. This list must become empty. */
export const notYet: readonly Fault["kind"][] = [];

/** Commands that use LUNs. */
export const takes = /^sharedblock (add|extend)/;

/** The faults in the acts of a story. */
export function scheduleOf(seed: Seed, { acts, cast }: Pick<Story, "acts" | "cast">): Scheduled[] {
  const schedule: Scheduled[] = [];
  for (const [act, { changes, words }] of acts.entries()) {
    // What people decide needs acts that come to their end.
    const count = seed.weighed<number>([
      [cast === "roles" ? 60 : 14, 0],
      [40, 1],
      [30, 2],
      [16, 3],
    ]);
    for (let index = 0; index < count; index++) schedule.push(scheduled(seed, act, changes));
    if (cast === "roles" && changes && seed.percent(50)) {
      const fault = { kind: "a person says" as const, ...saidInTheMiddleOf(seed) };
      const moment = seed.weighed<() => Moment>([
        [6, () => ({ on: "change", n: seed.between(1, seed.weighed(CHANGES)) })],
        [2, () => ({ on: "program", n: seed.between(1, 60) })],
        [3, () => ({ on: "message", n: seed.between(1, 4) })],
      ])();
      schedule.push({ act, moment, fault });
    }
    // While hosts are prepared, before anything is destroyed: the guards must find it. A repeated command has rarely
    // anything left to do.
    const isFirst = acts.findIndex((each) => each.words === words) === act;
    if (!takes.test(words) || !isFirst) continue;
    const keepsBackup = words.includes("wipe=true");
    if (!seed.percent(keepsBackup ? 75 : 25)) continue;
    const moment: Moment = keepsBackup
      ? { on: "backup", n: seed.between(1, 2) }
      : { on: "change", n: seed.between(1, 12) };
    schedule.push({ act, moment, fault: { kind: "a person writes" } });
  }
  return schedule.filter(({ fault }) => !notYet.includes(fault.kind));
}

function scheduled(seed: Seed, act: number, changes: boolean): Scheduled {
  const fault = seed.weighed(kinds)(seed);
  return { act, moment: momentOf(seed, fault, changes), fault };
}

const half = (seed: Seed) => seed.of(["before", "effect"] as const);
const until = (seed: Seed) => seed.of<Until>(["act", "act", "story"]);
const methods = [
  "chat.postMessage",
  "chat.update",
  "chat.update",
  "views.open",
  "chat.postEphemeral",
  "response_url",
  "*",
];
const sayings: readonly SlackSays[] = [
  ...([
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
    "429",
    "429 without a time",
  ] as const),
  ...(["503", "a page", "nothing, broken", "nothing, broken", "nothing, silent", "late"] as const),
];

const kinds: readonly (readonly [weight: number, make: (seed: Seed) => Fault])[] = [
  [28, (seed) => ({ kind: "kill", after: half(seed), restarts: seed.percent(80) ? "at once" : "next act" })],
  [4, () => ({ kind: "stop" })],
  [12, (seed) => ({ kind: "cut", after: half(seed) })],
  [
    14,
    (seed) => ({
      kind: "wrong output",
      says: seed.of(["invalid", "half", "nothing", "wrong exit", "another LUN"] as const),
      after: half(seed),
    }),
  ],
  [5, (seed) => ({ kind: "slow", ms: seed.between(300, 2_500) })],
  [6, (seed) => ({ kind: "host down", until: until(seed) })],
  [2, (seed) => ({ kind: "host silent", until: until(seed) })],
  [
    12,
    (seed) => ({
      kind: "envelopes",
      come: seed.of(["twice", "twice, late", "late", "reordered", "after restart"] as const),
    }),
  ],
  [4, () => ({ kind: "connection drops" })],
  [2, () => ({ kind: "connection refreshed" })],
  [1, (seed) => ({ kind: "connections silent", next: seed.below(3) })],
  [
    22,
    (seed) => ({
      kind: "slack says",
      method: seed.of(methods),
      ...sayingOf(seed),
      times: seed.between(1, 4),
    }),
  ],
  [3, (seed) => ({ kind: "kicked", until: until(seed) })],
  [3, (seed) => ({ kind: "archived", until: until(seed) })],
  [
    6,
    (seed) => ({ kind: "killed while posting an end", channel: seed.of(["archived", "its message is gone"] as const) }),
  ],
  [6, () => ({ kind: "killed before the end is posted" })],
  [2, (seed) => ({ kind: "token revoked", token: seed.of(["bot", "app"] as const), until: until(seed) })],
  [
    9,
    (seed) => ({ kind: "full disk", until: seed.of<Until | "a while">(["act", "a while", "a while", "act", "story"]) }),
  ],
];

/** Slack has not done what it calls too much. */
function sayingOf(seed: Seed): { readonly says: SlackSays; readonly effect: "none" | "after" } {
  const says = seed.of(sayings);
  const effect = seed.of(["none", "after"] as const);
  return { says, effect: says.startsWith("429") ? "none" : effect };
}

/** There are few steps and many reads. So a fault for a step counts changes, and early ones are more likely. */
function momentOf(seed: Seed, fault: Fault, changes: boolean): Moment {
  if (fault.kind === "envelopes") return { on: "start", n: changes ? seed.between(1, 3) : 1 };
  const on = seed.weighed<Moment["on"]>([
    [changes ? 10 : 0, "change"],
    [5, "program"],
    [ofPrograms.includes(fault.kind) ? 0 : 5, "message"],
    [ofPrograms.includes(fault.kind) ? 0 : 1, "start"],
  ]);
  switch (on) {
    case "change":
      return { on, n: seed.between(1, seed.weighed(CHANGES)) };
    case "backup":
      return { on, n: 1 };
    case "program":
      return { on, n: seed.between(1, seed.of(changes ? [60, 200] : [60])) };
    case "message":
      return { on, n: seed.between(1, changes ? 5 : 1) };
    case "start":
      return { on, n: 1 };
  }
}

/** How many changes an operation has at most. Few have forty. */
const CHANGES: readonly (readonly [weight: number, most: number])[] = [
  [4, 4],
  [2, 12],
  [1, 40],
];

/** Faults that meet one run of a program. */
const ofPrograms: readonly Fault["kind"][] = ["cut", "wrong output", "slow", "a person writes"];

/** Whether a program changes something. Only used to choose moments. */
export const isChanging = ([program = "", ...args]: readonly string[]): boolean => {
  if (changers.has(program)) return true;
  if (program === "wipefs") return args.includes("--all");
  if (program === "systemctl")
    return ["enable", "start", "restart", "stop", "disable"].some((verb) => args.includes(verb));
  if (program === "vgchange" || program === "lvchange" || program === "modprobe") return true;
  if (program === "multipath") return args.some((arg) => ["-f", "-r", "-a"].includes(arg));
  if (program === "multipathd") return args.includes("resize") || args.includes("reconfigure");
  if (program === "iscsiadm")
    return args.some((arg) => arg === "--login" || arg === "--logout" || arg.startsWith("--op=new"));
  if (program === "virsh") return args.includes("destroy") || args.includes("shutdown");
  return false;
};

export const isBackup = (argv: readonly string[]): boolean =>
  isChanging(argv) && argv.some((arg) => arg.includes("/backup/"));

const changers = new Set([
  ...["mkdir", "tee", "mv", "cp", "dd", "vgcreate", "vgextend", "pvresize", "pvchange", "pvremove", "vgremove"],
  ...["lvremove", "sed", "hostnamectl", "apt-get", "pvcreate"],
]);

export function faultText({ act, moment, fault }: Scheduled): string {
  const { kind, ...rest } = fault;
  const details = Object.values(rest)
    .map((value) => (typeof value === "object" && value !== null ? `then ${value.person}: ${value.words}` : value))
    .filter((value) => value !== null)
    .join(", ");
  const when = moment.on === "start" ? "before the words" : `at ${moment.on} ${moment.n}`;
  return `act ${act + 1}, ${when}: ${kind}${details === "" ? "" : ` (${details})`}`;
}

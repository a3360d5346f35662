import { alice, bob, carol, dave, group } from "./cast.ts";
import type { Seed } from "./seed.ts";

/** What a person does about a plan that waits for its second person. */
export interface Deciding {
  readonly who: string;
  readonly does:
    | "approves"
    /** By the button under the plan. */
    | "clicks Approve"
    | "rejects"
    | "breaks the glass"
    /** The bot starts again, and its clock is ahead: the plan has expired. */
    | "waits too long"
    /** An admin takes the role of the approver away, or gives it. */
    | "revokes"
    | "grants"
    /** dave leaves the user group. */
    | "leaves the group";
}

/** Words about roles, policies, freezes and operations. */
export interface Said {
  readonly person: string;
  readonly words: string;
}

/** In the place of an operation in words: the first or the last one that has not ended. */
export const FIRST = "op-FIRST";
export const LAST = "op-LAST";

/** Longer than a plan can be confirmed. */
export const LATE_MS = 20 * 60_000;

/** Given before the story. With the group, bob and dave have the role also. */
export const firstGrantOf = (seed: Seed): string =>
  seed.weighed([
    [3, `role grant @${dave} viewer`],
    [2, `role grant @${group} approver`],
    [2, `role grant @${group} operator`],
    [1, `role grant @${dave} approver clusters=cluster-1`],
    [1, `role grant @${dave} operator clusters=cluster-1`],
  ]);

const anyone = (seed: Seed): string => seed.of([alice, bob, carol, dave]);

/** In half of the stories all goes well. In the others the wrong people come first, or something else happens. */
export function decidingsOf(seed: Seed): readonly Deciding[] {
  const list: Deciding[] = [];
  for (
    let more = seed.weighed([
      [5, 0],
      [3, 1],
      [2, 2],
    ] as const);
    more > 0;
    more--
  ) {
    const does = seed.weighed<Deciding["does"]>([
      [8, "approves"],
      [5, "clicks Approve"],
      [2, "rejects"],
      [3, "breaks the glass"],
      [1, "waits too long"],
    ]);
    list.push({ who: anyone(seed), does });
  }
  const last = seed.weighed<Deciding["does"] | null>([
    [6, "approves"],
    [6, "clicks Approve"],
    [1, "rejects"],
    [3, "breaks the glass"],
    [1, null],
  ]);
  if (last !== null)
    list.push({
      who: last === "breaks the glass" ? seed.of([alice, bob]) : seed.of([carol, carol, alice]),
      does: last,
    });
  if (seed.percent(18)) {
    list.push({ who: alice, does: seed.of(["revokes", "leaves the group", "waits too long"] as const) });
    if (seed.percent(30)) list.push({ who: alice, does: "grants" });
  }
  return list;
}

/** Each freeze has its own reason, by which its answer is known. */
const freeze = (seed: Seed, what: string, rest = ""): string =>
  `freeze ${what} reason=because-${seed.below(1_000_000)}${rest}`;

/** What people type about who may do what, between the other commands. */
export function saidOf(seed: Seed): Said {
  const words = seed.weighed<() => string>([
    [3, () => `role grant @${dave} ${seed.of(["operator", "approver"])}`],
    [2, () => `role grant @${dave} ${seed.of(["operator", "approver"])} clusters=cluster-1`],
    [2, () => `role grant @${group} ${seed.of(["operator", "approver"])}`],
    [2, () => `role revoke @${group} ${seed.of(["operator", "approver"])}`],
    [2, () => `role revoke @${bob} operator`],
    [3, () => `role grant @${bob} operator`],
    [2, () => `role revoke @${carol} approver`],
    [3, () => `role grant @${carol} approver`],
    [1, () => `role revoke @${dave} ${seed.of(["operator", "approver", "viewer"])}`],
    [2, () => "policy set risk=destructive require=typed"],
    [3, () => "policy set risk=destructive require=approver"],
    [2, () => `policy set risk=destructive require=${seed.of(["typed", "approver"])} cluster=cluster-1`],
    [2, () => `policy set risk=trust require=${seed.of(["click", "typed", "approver"])}`],
    [2, () => `policy set risk=reversible require=${seed.of(["click", "typed", "approver"])}`],
    [2, () => `policy unset risk=${seed.of(["destructive", "trust", "reversible"])}`],
    [2, () => freeze(seed, seed.of(["cluster-1", "all"]))],
    [1, () => freeze(seed, "cluster-1", " until=2h")],
    [4, () => `unfreeze ${seed.of(["cluster-1", "all"])}`],
    [2, () => 'review close rev-1 note="it was right"'],
    [1, () => `operation stop ${LAST}`],
    [1, () => "role list"],
    [1, () => "policy show"],
  ])();
  return {
    person: seed.weighed([
      [6, alice],
      [2, bob],
      [1, carol],
      [2, dave],
    ]),
    words,
  };
}

/** What a person types in the middle of an operation. `after`: what is typed when its act ends. */
export function saidInTheMiddleOf(seed: Seed): Said & { readonly after: Said | null } {
  const after = (words: string): Said | null => (seed.percent(70) ? { person: alice, words } : null);
  return seed.weighed<() => Said & { readonly after: Said | null }>([
    [
      9,
      () => ({ person: seed.of([alice, bob]), words: `operation stop ${seed.of([FIRST, FIRST, LAST])}`, after: null }),
    ],
    [2, () => ({ person: seed.of([carol, dave]), words: `operation stop ${FIRST}`, after: null })],
    [
      6,
      () => ({
        person: seed.of([alice, bob]),
        words: freeze(seed, seed.of(["cluster-1", "all"])),
        after: after("unfreeze all"),
      }),
    ],
    [1, () => ({ person: seed.of([carol, dave]), words: freeze(seed, "all"), after: after("unfreeze all") })],
    [2, () => ({ person: alice, words: `role revoke @${bob} operator`, after: after(`role grant @${bob} operator`) })],
    [
      2,
      () => ({ person: alice, words: `role revoke @${carol} approver`, after: after(`role grant @${carol} approver`) }),
    ],
    [2, () => ({ person: alice, words: "policy set risk=destructive require=approver", after: null })],
    [
      1,
      () => ({
        person: alice,
        words: "policy set risk=destructive require=typed",
        after: after("policy unset risk=destructive"),
      }),
    ],
    [1, () => ({ person: dave, words: `role grant @${dave} admin`, after: null })],
  ])();
}

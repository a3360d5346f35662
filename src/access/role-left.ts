import type { AccessFacts } from "../core/access-facts.ts";
import type { Inventory } from "../core/inventory.ts";
import { type Grant, type Holding, includesRole, isGroup, type Needed, type Role } from "../core/role.ts";
import { decide, type Known } from "./decision.ts";

interface Revoked {
  readonly who: string;
  readonly role: Role;
  readonly clusters: Grant["clusters"];
}

/** What of a revoked role a person or a user group still has. */
interface RoleLeft {
  /** Empty: nothing, as far as that is known. */
  readonly because: readonly Holding[];
  /** Why Slack did not say what it depends on; null: it did, or was not needed. */
  readonly unknown: string | null;
}

/** Slack is asked again, unless what names them is enough. */
export async function roleLeft(
  revoked: Revoked,
  { holdings, whoIs }: Pick<AccessFacts, "holdings" | "whoIs">,
  { clusters }: Pick<Inventory, "clusters">,
): Promise<RoleLeft> {
  const { who, role } = revoked;
  // A user group is in no other group.
  const counts = (id: string) => id === who || (isGroup(id) && !isGroup(who));
  const all = holdings().filter((each) => includesRole(each.role, role) && counts(each.who));
  const places = placesOf(
    revoked.clusters,
    clusters.map(({ name }) => name),
  );
  const own = leftIn(places, revoked, all, { groups: new Map() });
  if (!own.asks) return { because: own.because, unknown: null };
  const known = { groups: new Map<string, boolean>() } as {
    standing?: Known["standing"];
    groups: Map<string, boolean>;
  };
  const whys: string[] = [];
  const ids = [...new Set([who, ...all.map((each) => each.who)])];
  await Promise.all(
    ids.map(async (id) => {
      const is = await whoIs(id);
      if (is.kind === "not known") whys.push(is.why);
      else if (is.kind === "user") known.standing = is.standing;
      else if (id === who) known.standing = "member";
      else known.groups.set(id, is.group.members.has(who));
    }),
  );
  const left = leftIn(places, revoked, all, known);
  return { because: left.because, unknown: left.asks ? (whys[0] ?? "no answer") : null };
}

/** All at once, then each cluster alone: a person may still have the role on some of them. */
function placesOf(clusters: Grant["clusters"], existing: readonly string[]): readonly Needed["clusters"][] {
  const each = clusters === "all" ? existing : clusters;
  return [clusters, ...each.map((name) => [name])];
}

function leftIn(
  [everywhere = "any", ...places]: readonly Needed["clusters"][],
  { who, role }: Revoked,
  holdings: readonly Holding[],
  known: Known,
): { readonly because: readonly Holding[]; readonly asks: boolean } {
  const whole = decide(who, { role, clusters: everywhere }, holdings, known);
  if (whole.kind === "allowed") return { because: whole.because, asks: false };
  const parts = places.map((clusters) => decide(who, { role, clusters }, holdings, known));
  return {
    because: [...new Set(parts.flatMap((part) => (part.kind === "allowed" ? part.because : [])))],
    asks: [whole, ...parts].some(({ kind }) => kind === "asks"),
  };
}

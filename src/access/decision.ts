import { type Holding, includesRole, isGroup, type Needed, type Standing } from "../core/role.ts";

/** What is known of a person. What is absent was not asked. */
export interface Known {
  readonly standing?: Standing | undefined;
  /** By the id of a user group: whether the person is in it. */
  readonly groups: ReadonlyMap<string, boolean>;
}

export type Decision =
  /** `because`: one holding that is enough, or several that are enough together. */
  | { readonly kind: "allowed"; readonly because: readonly Holding[] }
  | { readonly kind: "refused" }
  /** It depends on what is not known: on what the person is, or on the groups. */
  | { readonly kind: "asks"; readonly standing: boolean; readonly groups: readonly string[] };

/** Whether a person may do what needs a role. Pure: it asks nobody, and says what it has to know. */
export function decide(person: string, needed: Needed, holdings: readonly Holding[], known: Known): Decision {
  const named = holdings.filter(({ who }) => who === person);
  const own = enough(named, needed);
  if (own !== null) return { kind: "allowed", because: own };
  if (person.startsWith("terminal:")) return { kind: "refused" };
  const ofMember: Holding = { who: person, role: "viewer", clusters: "all", source: { kind: "member" } };
  const ofGroups = holdings.filter(({ who, role }) => isGroup(who) && includesRole(role, needed.role));
  // What could be enough in the best case. If it is not, nobody needs to be asked.
  const best = [...named, ofMember, ...ofGroups.filter(({ who }) => known.groups.get(who) !== false)];
  if (enough(best, needed) === null) return { kind: "refused" };
  if (known.standing !== undefined && known.standing !== "member") return { kind: "refused" };
  const sure = [...named, ofMember, ...ofGroups.filter(({ who }) => known.groups.get(who) === true)];
  const because = enough(sure, needed);
  const unknown = new Set(ofGroups.map(({ who }) => who).filter((who) => !known.groups.has(who)));
  if (because !== null) {
    return known.standing === "member" ? { kind: "allowed", because } : { kind: "asks", standing: true, groups: [] };
  }
  return { kind: "asks", standing: known.standing === undefined, groups: [...unknown] };
}

/** The holdings that are enough; null: they are not. */
function enough(holdings: readonly Holding[], { role: needed, clusters }: Needed): readonly Holding[] | null {
  const fitting = holdings.filter(({ role }) => includesRole(role, needed));
  const everywhere = fitting.find((each) => each.clusters === "all") ?? null;
  if (everywhere !== null) return [everywhere];
  if (clusters === "all") return null;
  if (clusters === "any") return fitting.length === 0 ? null : fitting.slice(0, 1);
  const covering = clusters.map((cluster) => fitting.find((each) => each.clusters.includes(cluster)));
  return clusters.length === 0 || covering.includes(undefined)
    ? null
    : [...new Set(covering.filter((each) => each !== undefined))];
}

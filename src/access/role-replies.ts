import type { AccessFacts } from "../core/access-facts.ts";
import type { Facts } from "../core/facts.ts";
import type { Cell, Part, Reply } from "../core/reply.ts";
import { type Holding, isGroup, type Role, roles, roleText } from "../core/role.ts";

/** All that was given, by the settings and by people. */
export async function roleListReply(_: object, { access, inventory }: Facts): Promise<Reply> {
  const holdings = access.holdings();
  await access.learnNames(holdings.map(({ who }) => who));
  const known = new Set(inventory.clusters.map(({ name }) => name));
  const marked = (name: string) => (known.has(name) ? name : `${name} (not in the inventory)`);
  const rows = holdings.map(({ who, role, clusters, source }): readonly Cell[] => [
    isGroup(who) ? `${access.nameOf(who) ?? who} (group)` : { person: who },
    role,
    clusters === "all" ? "all" : clusters.map(marked).join(", "),
    sourceText(source, access),
  ]);
  return {
    title: rows.length === 0 ? "No role was given" : `${rows.length === 1 ? "1 role" : `${rows.length} roles`} given`,
    tone: "plain",
    parts: [
      ...(rows.length === 0 ? [] : [{ kind: "table" as const, columns: ["who", "role", "clusters", "from"], rows }]),
      { kind: "text", text: "Every full member of the workspace who is in a channel of the bot is viewer." },
      ...operatorsNotice(access),
    ],
    next: ["channel list"],
  };
}

/** OPERATORS is read for one release more. */
function operatorsNotice(access: Pick<AccessFacts, "holdings">): Part[] {
  const count = access
    .holdings()
    .filter(({ source }) => source.kind === "setting" && source.name === "OPERATORS").length;
  if (count === 0) return [];
  return [{ kind: "text", tone: "warning", text: OPERATORS_NOTICE }];
}

export const OPERATORS_NOTICE =
  "OPERATORS is read for the last time in this version. Set ADMINS, then give its people their role: role grant @NAME operator";

/** What a person may do, and why. */
export async function roleShowReply({ who: asked }: { readonly who: string }, facts: Facts): Promise<Reply> {
  const { access, inventory } = facts;
  const who = asked === "me" ? facts.by : asked;
  const is = await access.whoIs(who);
  await access.learnNames([who]);
  const named = access.nameOf(who) ?? who;
  if (is.kind === "group") return groupReply(who, named, is.group.exists ? is.group.members.size : null, access);
  const clusters = inventory.clusters.map(({ name }) => name);
  const rows: (readonly Cell[])[] = [];
  for (const role of roles) {
    const everywhere = await access.because(who, { role, clusters: "all" });
    if (everywhere !== null) {
      rows.push([role, "all", whyText(everywhere, who, access)]);
      continue;
    }
    for (const cluster of clusters) {
      const there = await access.because(who, { role, clusters: [cluster] });
      if (there !== null) rows.push([role, cluster, whyText(there, who, access)]);
    }
  }
  return {
    title: rows.length === 0 ? `${named} may do nothing here` : `${named}: ${rows.at(-1)?.[0]}`,
    tone: "plain",
    parts: [
      {
        kind: "text",
        text:
          is.kind === "not known"
            ? `Slack did not say what this person is, and in which groups: ${is.why}. What depends on it counts as no.`
            : who.startsWith("terminal:")
              ? "This is a person at a terminal of the bot's own computer."
              : [{ person: who, isQuiet: true }, ` is ${standingText[is.standing]}.`],
      },
      ...(rows.length === 0 ? [] : [{ kind: "table" as const, columns: ["may act as", "clusters", "because"], rows }]),
      ...mayPart(rows.map(([role]) => role as Role)),
    ],
    next: ["role list"],
  };
}

export const standingText = {
  member: "a full member of the workspace",
  guest: "a guest of the workspace",
  deactivated: "deactivated in the workspace",
  bot: "a bot",
  foreign: "a person of another workspace",
  "not there": "not in the workspace",
} as const;

const may: Readonly<Record<Role, string>> = {
  viewer: "read every answer of the bot",
  operator: "send and confirm changes, and act on incidents",
  approver: "approve or reject the plan of another person",
  admin: "say who may do what",
};

function mayPart(found: readonly Role[]): Part[] {
  const lines = roles.filter((role) => found.includes(role)).map((role) => `${role}: ${may[role]}`);
  return lines.length === 0 ? [] : [{ kind: "text", text: lines.join("\n") }];
}

function groupReply(who: string, named: string, count: number | null, access: AccessFacts): Reply {
  const rows = access
    .holdings()
    .filter((each) => each.who === who)
    .map(({ role, clusters, source }): readonly Cell[] => [
      ...[role, clusters === "all" ? "all" : clusters.join(", ")],
      sourceText(source, access),
    ]);
  const members = count === 1 ? "1 member" : `${count} members`;
  return {
    title: `${named}: ${rows.length === 0 ? "no role" : [...new Set(rows.map(([role]) => role))].join(", ")}`,
    tone: "plain",
    parts: [
      { kind: "text", text: count === null ? "Slack has no such user group." : `The user group has ${members} now.` },
      ...(rows.length === 0 ? [] : [{ kind: "table" as const, columns: ["role", "clusters", "from"], rows }]),
    ],
    next: ["role list"],
  };
}

export const whyText = (because: readonly Holding[], who: string, access: AccessFacts): string =>
  because
    .map((each) => {
      const through = each.who === who ? "" : `in the group ${access.nameOf(each.who) ?? each.who}: `;
      const what = each.clusters === "all" ? each.role : roleText(each);
      return each.source.kind === "member"
        ? sourceText(each.source, access)
        : `${through}${what}, ${sourceText(each.source, access)}`;
    })
    .join("; ");

function sourceText(source: Holding["source"], access: Pick<AccessFacts, "nameOf">): string {
  switch (source.kind) {
    case "setting":
      return `set in ${source.name}`;
    case "grant":
      return `granted by ${access.nameOf(source.by) ?? source.by} on ${source.at.slice(0, 10)}`;
    case "member":
      return "every full member of the workspace may read";
    case "terminal":
      return "the terminal is as trusted as the data folder";
  }
}

import type { AccessFacts, RoleRequest } from "../core/access-facts.ts";
import type { Facts } from "../core/facts.ts";
import { clusterNamed } from "../core/find.ts";
import { Refusal, reason } from "../core/refusal.ts";
import type { Inline, Part, Reply } from "../core/reply.ts";
import { type Grant, isGroup, type Role, roleText } from "../core/role.ts";
import type { Acting } from "../core/watch-facts.ts";
import { clustersWords } from "./role-arguments.ts";
import { roleLeft } from "./role-left.ts";
import { standingText, whyText } from "./role-replies.ts";

interface RoleGiven {
  readonly who: string;
  readonly role: Role;
  readonly clusters: Grant["clusters"];
}
const MOST_GRANTS = 2_000;
const MOST_REQUESTS = 200;
/** Questions of one person that wait for an answer. Each mentions the admins. */
const MOST_OPEN = 3;
/** A question that nobody answered can be asked again after this time. */
const ASKED_AGAIN_MS = 60 * 60_000;
/** A question that could not be posted can be asked again after this time. */
const NOT_POSTED_MS = 60_000;

/** Takes effect at once: the next command of the person is decided with it. */
export async function grantRole(given: RoleGiven, facts: Facts, acting: Acting): Promise<Reply> {
  const who = whoMeant(given.who, acting, `${given.role} is not granted`);
  const { role, clusters } = given;
  knownClusters(clusters, facts);
  const note = await whoIsIt(who, role, facts.access);
  const isNew = await acting.access.changeGrants((grants) => {
    const same = grants.filter((each) => each.who === who && each.role === role);
    const lacks = notCovered(clusters, same);
    if (lacks.length === 0) return [grants, false];
    const grant: Grant = { who, role, clusters: lacks, by: acting.by, at: new Date(facts.now()).toISOString() };
    // What is granted for all clusters has the others in it.
    const next = [...(lacks === "all" ? grants.filter((each) => !same.includes(each)) : grants), grant];
    if (next.length > MOST_GRANTS) throw tooMany();
    return [next, true];
  });
  await closeRequests({ who, role }, acting);
  if (!isNew)
    return said(`${roleText(given)} was granted before`, [[shown(who, acting.access), " has it already."]], who);
  const details: Inline[][] = [
    [shown(who, acting.access), ` is ${roleText(given)} now, granted by `, shown(acting.by, acting.access), "."],
  ];
  return said(`Granted: ${roleText(given)}`, [...details, ...note.map((text) => [text])], who);
}

/** Takes effect at once, also for a plan that waits for the click of this person. */
export async function revokeRole(given: RoleGiven, facts: Facts, acting: Acting): Promise<Reply> {
  const who = whoMeant(given.who, acting, `${given.role} is not revoked`);
  const { role, clusters } = given;
  await acting.access.changeGrants((grants) => {
    const same = grants.filter((each) => each.who === who && each.role === role);
    if (same.length === 0) throw notGranted(who, role, facts.access);
    refuseNotGranted(same, { who, role, clusters });
    const next = grants.flatMap((each) => (same.includes(each) ? without(each, clusters) : [each]));
    if (role === "admin") refuseLastAdmin(next, facts.access);
    return [next, null];
  });
  return revokedReply({ who, role, clusters }, facts, acting);
}

/** A warning if the role is still theirs in another way, or if nobody knows that. */
async function revokedReply(revoked: RoleGiven, { inventory }: Facts, { access, by }: Acting): Promise<Reply> {
  const { who, role } = revoked;
  const title = `Revoked: ${roleText(revoked)}`;
  const { because, unknown } = await roleLeft(revoked, access, inventory);
  if (because.length === 0 && unknown === null) {
    const line: Inline[] = [
      shown(who, access),
      ` is no longer ${roleText(revoked)}, revoked by `,
      shown(by, access),
      ".",
    ];
    const others = access.holdings().some((each) => each.who === who);
    return said(title, [line, ...(others ? [["Other roles of theirs remain."]] : [])], who);
  }
  await access.learnNames(because.map((each) => each.who));
  const lines: Inline[][] = [
    ["The grant to ", shown(who, access), " was revoked by ", shown(by, access), "."],
    ...(because.length === 0 ? [] : [[`They still are ${role}: ${whyText(because, who, access)}.`]]),
    ...(unknown === null ? [] : [[`Groups were not checked, because Slack did not answer: ${unknown}.`]]),
  ];
  return { ...said(title, lines, who), tone: "warning" };
}

/** A message for all to read, with a button that only an admin can use. */
export async function askForRole(asked: Omit<RoleGiven, "who">, facts: Facts, acting: Acting): Promise<Reply> {
  const { role } = asked;
  // Sorted: the same clusters in another order are the same question.
  const clusters = asked.clusters === "all" ? asked.clusters : asked.clusters.toSorted();
  const given = { role, clusters };
  const who = acting.by;
  knownClusters(clusters, facts);
  const { access } = acting;
  if ((await access.because(who, { role, clusters })) !== null)
    throw new Refusal(`${roleText(given)} is not asked for`, reason("NOTHING_TO_DO", "you have this role already"));
  if (isTerminal(who)) throw notAskedHere(given);
  const nowMs = facts.now();
  const at = new Date(nowMs).toISOString();
  const request = { who, role, clusters, at, message: null };
  // Before it is posted: who sends it twice at once asks once.
  await access.changeRequests((all) => {
    const before = all.find((each) => isSame(each, request));
    const open = all.filter((each) => each.who === who && nowMs - Date.parse(each.at) < askedAgainMs(each));
    if (before !== undefined && open.includes(before)) throw askedBefore(given, before.at);
    if (open.length >= MOST_OPEN) throw tooManyOpen(given);
    return [[...all.filter((each) => each !== before), request].slice(-MOST_REQUESTS), null];
  });
  acting.oncePosted(async (message) => {
    await access.changeRequests((all) => [
      all.map((each) => (isSame(each, request) ? { ...each, message } : each)),
      null,
    ]);
  });
  const admins = access.holdings().filter((each) => each.role === "admin" && covers(each.clusters, clusters));
  const called = admins
    .slice(0, 5)
    .flatMap(({ who: id }, index): Inline[] => [
      ...(index > 0 ? [", "] : []),
      isGroup(id) ? { group: id } : { person: id },
    ]);
  return {
    title: `Asked for: ${roleText(given)}`,
    tone: "warning",
    parts: [
      { kind: "text", text: [{ person: who, isQuiet: true }, ` asks for the role ${roleText(given)}.`] },
      {
        kind: "text",
        text: called.length === 0 ? "Nobody is admin: set ADMINS." : ["Who can grant it: ", ...called, "."],
      },
    ],
    next: [
      { words: `role grant @${who} ${role}${clustersWords(clusters)}`, label: "Grant It" },
      { words: `role show @${who}`, label: "Show Their Roles" },
    ],
  };
}

const askedAgainMs = ({ message }: Pick<RoleRequest, "message">): number =>
  message === null ? NOT_POSTED_MS : ASKED_AGAIN_MS;
const askedBefore = (given: Omit<RoleGiven, "who">, at: string): Refusal =>
  new Refusal(
    `${roleText(given)} is not asked for again`,
    reason("NOTHING_TO_DO", `you asked for it at ${at.slice(11, 16)} UTC`, "wait for an admin"),
  );

const tooManyOpen = (given: Omit<RoleGiven, "who">): Refusal =>
  new Refusal(
    `${roleText(given)} is not asked for`,
    reason(
      "BUSY",
      `${MOST_OPEN} of your questions for a role are open`,
      "wait for an admin, or an hour; name several clusters in one question",
    ),
  );

const notAskedHere = (given: Omit<RoleGiven, "who">): Refusal =>
  new Refusal(
    `${roleText(given)} is not asked for`,
    reason(
      "TERMINAL_REFUSED",
      "a terminal is no person of Slack, so it can't be granted a role",
      "set ADMINS and CHANNELS and restart the bot: then a terminal is admin without a grant",
      "for a role in Slack, send the command there",
    ),
  );

/** The messages that asked for what is granted now lose their buttons. */
async function closeRequests(granted: Pick<RoleGiven, "who" | "role">, acting: Acting): Promise<void> {
  const isSameRole = (each: Pick<RoleGiven, "who" | "role">) => each.who === granted.who && each.role === granted.role;
  const grants = acting.access.grants().filter(isSameRole);
  const answered = await acting.access.changeRequests((all) => {
    const closed = all.filter((each) => isSameRole(each) && notCovered(each.clusters, grants).length === 0);
    return [closed.length === 0 ? all : all.filter((each) => !closed.includes(each)), closed];
  });
  for (const request of answered) {
    if (request.message === null) continue;
    acting.replaces(request.message, {
      title: `Granted: ${roleText(request)}`,
      tone: "good",
      parts: [
        {
          kind: "text",
          text: [
            shown(request.who, acting.access),
            " asked for it, and ",
            shown(acting.by, acting.access),
            " granted it.",
          ],
        },
      ],
      next: [],
    });
  }
}

/** A grant names a Slack user or user group, and who types at a terminal is neither. */
function whoMeant(who: string, { by }: Pick<Acting, "by">, headline: string): string {
  if (who !== "me") return who;
  if (!isTerminal(by)) return by;
  const why = "a terminal is no person of Slack, and is admin without a grant";
  throw new Refusal(headline, reason("TERMINAL_REFUSED", why, "name a person or a user group instead of me"));
}
const isTerminal = (person: string): boolean => person.startsWith("terminal:");

/** What an admin must know of the user or the group. Throws a Refusal if there is none. */
async function whoIsIt(who: string, role: Role, access: AccessFacts): Promise<string[]> {
  const found = await access.whoIs(who);
  await access.learnNames([who]);
  if (found.kind === "not known") return [`Slack did not say who this is: ${found.why}.`];
  if (found.kind === "group") {
    if (!found.group.exists) throw notThere(who, role, "there is no such user group in the workspace");
    const count = found.group.members.size;
    return [
      count === 0
        ? "The group has no members now."
        : `The group has ${count === 1 ? "1 member" : `${count} members`} now.`,
    ];
  }
  if (found.standing === "not there") throw notThere(who, role, "there is no such user in the workspace");
  return found.standing === "member"
    ? []
    : [`They are ${standingText[found.standing]}, and have the role because it names them.`];
}

const notThere = (who: string, role: Role, why: string): Refusal =>
  new Refusal(`${role} is not granted to ${who}`, reason("NOT_FOUND", why, "type @ and choose the name"));

function knownClusters(clusters: Grant["clusters"], { inventory }: Facts): void {
  if (clusters !== "all") for (const name of clusters) clusterNamed(inventory, name);
}

const covers = (has: Grant["clusters"], needed: Grant["clusters"]): boolean =>
  has === "all" || (needed !== "all" && needed.every((name) => has.includes(name)));

/** The clusters that none of the grants is for. */
function notCovered<C extends Grant["clusters"]>(clusters: C, grants: readonly Grant[]): C | string[] {
  if (grants.some((each) => each.clusters === "all")) return [];
  const has = new Set(grants.flatMap((each) => each.clusters));
  return typeof clusters === "string" ? clusters : clusters.filter((name) => !has.has(name));
}

const sameRole = (one: Omit<RoleGiven, "who">, other: Omit<RoleGiven, "who">): boolean =>
  one.role === other.role && JSON.stringify(one.clusters) === JSON.stringify(other.clusters);
const isSame = (one: RoleGiven, other: RoleGiven): boolean => one.who === other.who && sameRole(one, other);

function refuseNotGranted(same: readonly Grant[], { who, role, clusters }: RoleGiven): void {
  if (clusters === "all") return;
  const isForAll = same.some((each) => each.clusters === "all");
  const lacks = notCovered(clusters, same);
  if (!isForAll && lacks.length === 0) return;
  const why = isForAll ? "it was granted for all clusters" : `it was not granted for ${lacks.join(", ")}`;
  throw new Refusal(
    `${role} of ${clusters.join(", ")} is not revoked`,
    reason("NOTHING_TO_DO", why, { run: `role revoke @${who} ${role}`, when: "to revoke all of it" }),
  );
}

/** What remains of a grant: nothing, or it for fewer clusters. */
function without(grant: Grant, revoked: Grant["clusters"]): Grant[] {
  if (revoked === "all" || grant.clusters === "all") return [];
  const clusters = grant.clusters.filter((name) => !revoked.includes(name));
  return clusters.length === grant.clusters.length ? [grant] : clusters.length === 0 ? [] : [{ ...grant, clusters }];
}

function notGranted(who: string, role: Role, { holdings }: AccessFacts): Refusal {
  const setting = holdings().find((each) => each.who === who && each.role === role && each.source.kind === "setting");
  const why =
    setting?.source.kind === "setting"
      ? reason(
          "NOTHING_TO_DO",
          `it comes from ${setting.source.name}`,
          `remove ${who} from ${setting.source.name} and restart the bot`,
        )
      : reason("NOTHING_TO_DO", "it was never granted to exactly this person or group");
  return new Refusal(`${role} is not revoked`, why, { next: ["role list", `role show @${who}`] });
}

function refuseLastAdmin(next: readonly Grant[], { holdings }: AccessFacts): void {
  const isAdmin = (each: { readonly role: Role; readonly clusters: Grant["clusters"] }) =>
    each.role === "admin" && each.clusters === "all";
  if (next.some(isAdmin) || holdings().some((each) => isAdmin(each) && each.source.kind === "setting")) return;
  throw new Refusal("admin is not revoked", reason("LAST_ADMIN", "nobody else is admin of all clusters"));
}

const tooMany = (): Refusal =>
  new Refusal(
    "The role is not granted",
    reason("BUSY", `there are ${MOST_GRANTS} grants`, "grant roles to user groups, and revoke those of single people"),
  );

const shown = (id: string, { nameOf }: Pick<AccessFacts, "nameOf">): Inline =>
  isGroup(id) ? { bold: nameOf(id) ?? id } : { person: id, isQuiet: true };

const said = (title: string, lines: readonly (readonly Inline[])[], who: string): Reply => ({
  title,
  tone: "good",
  parts: lines.map((text): Part => ({ kind: "text", text })),
  next: [{ words: `role show @${who}`, label: "Show Their Roles" }, "role list"],
});

import { counted } from "../core/counted.ts";
import type { Facts } from "../core/facts.ts";
import { chosenHosts } from "../core/find.ts";
import { valueOr } from "../core/outcome.ts";
import { type Inline, linesPart, type Part, type Reply } from "../core/reply.ts";
import { few, sharedFacts } from "../core/shared-facts.ts";
import { portalText } from "../host/iscsi-node.ts";
import { type IscsiSession, isLoggedIn, listIscsiSessions, readInitiatorName } from "../host/iscsi-session.ts";
import { lunReads, problemsOf, viewOf } from "../storage/observe/host-view.ts";
import { problemsPart } from "../storage/render/matrix.ts";
import { initiatorParts, MOST_LINES } from "./initiators.ts";
import { reachedThrough } from "./reached.ts";

export async function sessionsReply(
  { hostOrCluster: place }: { readonly hostOrCluster?: string | undefined },
  facts: Facts,
): Promise<Reply> {
  const hosts = place === undefined ? facts.inventory.hosts : chosenHosts(facts.inventory, place);
  const observations = await Promise.all(
    hosts.map(async (host) => {
      const seen = await facts.gather(host, { ...lunReads, ...iscsiReads });
      const sessions = valueOr(seen.sessions, []);
      const initiator = valueOr(seen.initiator, null);
      const isRead = { sessions: seen.sessions.kind === "done", initiator: seen.initiator.kind === "done" };
      return { host, sessions, initiator, isRead, view: viewOf(host, seen), problems: problemsOf(iscsiReads, seen) };
    }),
  );
  const all = observations.flatMap(({ host, sessions, view }) => sessions.map((session) => ({ host, session, view })));
  const broken = all.filter(({ session }) => !isLoggedIn(session));
  const lunsOf = ({ session, view }: (typeof all)[number]) =>
    reachedThrough([session], view)
      .map(({ wwid }) => wwid)
      .join(", ") ||
    session.disks.join(", ") ||
    "none";
  const cells = (each: (typeof all)[number]) => [
    ...[portalText(each.session.portal), each.session.target],
    lunsOf(each),
  ];
  const alike = sharedFacts(
    [...broken, ...all.filter(({ session }) => isLoggedIn(session))],
    ({ host }) => host.name,
    (each) => JSON.stringify([stateOf(each.session), ...cells(each)]),
  );
  const sessions: Part = {
    kind: "table",
    compared: true,
    caption: "Sessions",
    columns: ["state", "hosts", "portal", "target", "LUNs"],
    rows: alike.map(({ names, items: [first] }) => [stateOf(first.session), few(names), ...cells(first)]),
  };
  const counts = sharedFacts(
    observations.filter(({ isRead }) => isRead.sessions),
    ({ host }) => host.name,
    ({ sessions: own }) => (own.length === 0 ? "no session" : counted(own.length, "session")),
    observations.length,
  );
  const numbers = linesPart(
    "Sessions of each host",
    counts.map(({ hosts: names, fact }): Inline[] => [{ bold: names }, ` ${fact}`]),
  );
  const names = initiatorParts(
    "Initiators",
    observations.filter(({ isRead }) => isRead.initiator),
    "no initiator name",
  );
  // Each host has a name of its own: of many hosts that is for who asks for it.
  const isLong = observations.length > MOST_LINES;
  const problems = problemsPart(observations);
  return {
    title: `${counted(all.length, "iSCSI session")} of ${place ?? "all hosts"}`,
    tone: broken.length > 0 || problems !== null ? "warning" : "plain",
    parts: [
      ...(counts.length > 0 ? [numbers] : []),
      ...(all.length > 0 ? [sessions] : []),
      ...(isLong ? [] : names),
      ...(problems === null ? [] : [problems]),
    ],
    next: [],
    ...(isLong ? { details: { title: "Initiators", parts: names } } : {}),
  };
}

const stateOf = (session: IscsiSession): string =>
  isLoggedIn(session) ? "logged in" : `${session.connectionState}, ${session.sessionState}`;

const iscsiReads = { sessions: listIscsiSessions, initiator: readInitiatorName };

import { counted } from "../core/counted.ts";
import type { Facts } from "../core/facts.ts";
import { chosenHosts } from "../core/find.ts";
import { valueOr } from "../core/outcome.ts";
import type { Part, Reply } from "../core/reply.ts";
import { portalText } from "../host/iscsi-node.ts";
import { isLoggedIn, listIscsiSessions, readInitiatorName } from "../host/iscsi-session.ts";
import { lunReads, problemsOf, viewOf } from "../storage/observe/host-view.ts";
import { problemsPart } from "../storage/render/matrix.ts";
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
      return { host, sessions, initiator, view: viewOf(host, seen), problems: problemsOf(iscsiReads, seen) };
    }),
  );
  const all = observations.flatMap(({ host, sessions, view }) => sessions.map((session) => ({ host, session, view })));
  const broken = all.filter(({ session }) => !isLoggedIn(session));
  const sessions: Part = {
    kind: "table",
    compared: true,
    caption: "Sessions",
    columns: ["host", "target", "portal", "state", "LUNs"],
    rows: all.map(({ host, session, view }) => [
      host.name,
      session.target,
      portalText(session.portal),
      isLoggedIn(session) ? "logged in" : `${session.connectionState}, ${session.sessionState}`,
      reachedThrough([session], view)
        .map(({ wwid }) => wwid)
        .join(", ") ||
        session.disks.join(", ") ||
        "none",
    ]),
  };
  const names: Part = {
    kind: "table",
    caption: "Initiators",
    columns: ["host", "initiator", "sessions"],
    rows: observations.map(({ host, initiator, sessions: own }) => [
      host.name,
      initiator ?? "none",
      String(own.length),
    ]),
  };
  const problems = problemsPart(observations);
  return {
    title: `${counted(all.length, "iSCSI session")} of ${place ?? "all hosts"}`,
    tone: broken.length > 0 || problems !== null ? "warning" : "plain",
    parts: [...(all.length > 0 ? [sessions] : []), names, ...(problems === null ? [] : [problems])],
    next: [],
  };
}

const iscsiReads = { sessions: listIscsiSessions, initiator: readInitiatorName };

import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { hostsMeant } from "../../src/core/find.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import type { Part } from "../../src/core/reply.ts";
import { portalText } from "../../src/host/iscsi-node.ts";
import { isLoggedIn, listIscsiSessions, readInitiatorName } from "../../src/host/iscsi-session.ts";
import { reachedThrough } from "../../src/iscsi/reached.ts";
import { lunReads, problemsOf, valueOr, viewOf } from "../../src/storage/observe/host-view.ts";
import { problemsPart } from "../../src/storage/render/matrix.ts";

const iscsiReads = { sessions: listIscsiSessions, initiator: readInitiatorName };

export const iscsiList = defineQuery({
  name: "iscsi list",
  summary: "iSCSI sessions: target, portal, state and LUNs, and the name of each host",
  args: z.strictObject({ hostOrCluster: nameSchema.describe("a host or a cluster; without it all hosts").optional() }),
  positional: ["hostOrCluster"],
  examples: ["iscsi list cluster-1", "iscsi list"],
  narrower: "/zstack iscsi list HOST",
  async answer({ hostOrCluster: place }, facts) {
    const hosts = place === undefined ? facts.inventory.hosts : hostsMeant(facts.inventory, place);
    const looks = await Promise.all(
      hosts.map(async (host) => {
        const seen = await facts.gather(host, { ...lunReads, ...iscsiReads });
        const sessions = valueOr(seen.sessions, []);
        const initiator = valueOr(seen.initiator, null);
        return { host, sessions, initiator, view: viewOf(host, seen), problems: problemsOf(iscsiReads, seen) };
      }),
    );
    const all = looks.flatMap(({ host, sessions, view }) => sessions.map((session) => ({ host, session, view })));
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
      rows: looks.map(({ host, initiator, sessions: own }) => [host.name, initiator ?? "none", String(own.length)]),
    };
    const problems = problemsPart(looks);
    return {
      title: `${all.length} iSCSI sessions of ${place ?? "all hosts"}`,
      tone: broken.length > 0 || problems !== null ? "warning" : "plain",
      parts: [...(all.length > 0 ? [sessions] : []), names, ...(problems === null ? [] : [problems])],
      next: [],
    };
  },
});

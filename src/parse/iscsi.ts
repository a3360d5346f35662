import { OutputNotUnderstood, parseEach } from "../core/not-understood.ts";
import { printedPortal } from "../host/iscsi-node.ts";
import { filledLinesOf } from "../host/output.ts";
import type { Read } from "./output-forms.ts";

/** `tcp: [1] 10.0.2.2:3260,1 iqn.2026-11.lab.san:array1 (non-flash)` of `iscsiadm -m session`; it has no more. */
export const linesOfSessions: Read = ({ stdout }, note) =>
  parseEach(
    filledLinesOf(stdout),
    (line) => {
      const [, sid, at = "", target] = /^\w+: \[(\d+)\] (\S+),-?\d+ (\S+)(?: \(.*\))?$/.exec(line.trim()) ?? [];
      const portal = printedPortal(at);
      if (target === undefined || portal === null) {
        throw new OutputNotUnderstood("iscsiadm", line, "transport: [SID] address:port,group target");
      }
      const rest = { loggedInAt: null, initiatorName: null, connectionState: null, sessionState: null, scsiHost: null };
      return [{ sid: Number(sid), target, portal, ...rest, disks: null }];
    },
    () => [],
    note,
  );

/**
 * With `-P1`, or without an operation, which lists the asked portals:
 *
 *     Target: iqn.2026-11.lab.san:array1
 *     	Portal: 10.0.2.2:3260,1
 *     		Iface Name: default
 *
 *     10.0.2.2:3260 via sendtargets
 */
export const treeOfTargets: Read = ({ stdout }, note) => {
  let target: string | null = null;
  return parseEach(
    filledLinesOf(stdout),
    (line) => {
      const [, name, value = ""] =
        /^\s*(Target|Portal|Iface Name|DiscoveryAddress|SENDTARGETS|iSNS|STATIC|FIRMWARE): *(\S*)/.exec(line) ?? [];
      if (name === "Target") target = value;
      const record = /^(\S+) via \w+$/.exec(line.trim())?.[1];
      const [, at, group] = /^(\S+?),(-?\d+)$/.exec(value) ?? [];
      const portal = printedPortal((name === "Portal" ? at : record) ?? "");
      if (portal !== null) return [{ target: record === undefined ? target : null, portal, group: groupOf(group) }];
      if (name === undefined || name === "Portal")
        throw new OutputNotUnderstood("iscsiadm", line, "a target or a portal");
      return [];
    },
    () => [],
    note,
  );
};

const groupOf = (printed: string | undefined): number | null => (printed === undefined ? null : Number(printed));

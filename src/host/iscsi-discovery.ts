import { OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { FEW } from "../core/limits.ts";
import { eachUnderstood } from "../core/not-understood.ts";
import { type Portal, portalText, printedPortal } from "./iscsi-portal.ts";
import { linesOf } from "./lines.ts";

/** A target as a portal names it; the address may be one that this host can't reach. */
export interface DiscoveredTarget {
  readonly target: string;
  readonly portal: Portal;
  /** The target portal group; -1 where the target has none. */
  readonly group: number;
}

/** Asks a portal for its targets and keeps nothing: no record, no session. */
export const discoverTargets = (portal: Portal): ReadCommand<DiscoveredTarget[]> => ({
  effect: "read",
  argv: ["iscsiadm", "--mode=discovery", "--type=sendtargets", "--op=nonpersistent", `--portal=${portalText(portal)}`],
  // iscsiadm itself would try a portal that does not answer for minutes.
  timeoutMs: 20_000,
  limits: FEW,
  // 21: the portal names none.
  exitCodes: [0, 21],
  parse: ({ stdout }, note) => {
    const lines = linesOf(stdout).filter((line) => line.trim() !== "");
    return eachUnderstood(lines, (line) => [discovered(line)], targetsIn, note);
  },
});

/** `10.0.2.2:3260,1 iqn.2026-11.lab.san:array1` */
function discovered(line: string): DiscoveredTarget {
  const [, at = "", group, target] = /^(\S+),(-?\d+) (\S+)$/.exec(line.trim()) ?? [];
  const portal = printedPortal(at);
  if (portal === null || group === undefined || target === undefined) {
    throw new OutputNotUnderstood("iscsiadm", line, "address:port,group target");
  }
  return { target, portal, group: Number(group) };
}

/** The target that an odd line names; without one it may be any. */
function targetsIn(line: string): string[] | null {
  const targets = line.match(/\b(?:iqn|eui|naa)\.\S+/g);
  return targets === null ? null : [...targets];
}

import { clusterOf } from "../../core/find.ts";
import type { Host, Inventory } from "../../core/inventory.ts";
import { type Fix, type Reason, reason, refuse } from "../../core/refusal.ts";
import type { Inline, Part } from "../../core/reply.ts";
import type { AskedHosts, UnaskedHost } from "../observe/candidate.ts";
import type { HostView } from "../observe/host-view.ts";
import { type Lun, lunsOf } from "../observe/lun.ts";
import { notUnderstoodAbout } from "../observe/not-understood.ts";
import { sightProblems } from "../observe/unnamed-disks.ts";

export interface AnswersNeeded {
  /** Hosts that share the LUNs or write to them. A person can't answer for them. */
  readonly sharing: readonly HostView[];
  /** All other hosts. The array may offer the LUNs to them too. */
  readonly elsewhere: readonly HostView[];
  /** As the sharing hosts see them. */
  readonly luns: readonly Lun[];
  /** Names of hosts that do not use the LUNs, as a person confirmed with `unasked=host7,host8`. */
  readonly confirmedUninvolved: readonly string[];
  readonly inventory: Inventory;
  /** Why the host may see and use a LUN. `sightProblems` by default. */
  readonly problemsOf?: (view: HostView) => readonly string[];
  /** The command with these names as `unasked`. */
  again(unasked: string): string;
}

interface Answers {
  readonly hosts: AskedHosts;
  readonly reasons: readonly Reason[];
  /** The fixes, if nothing else prevents the change. */
  readonly fixes: readonly Fix[];
  readonly next: readonly string[];
}

/**
 * A LUN is free if every host that sees it reports so. A host that can't be asked may see it. Then the change is
 * refused, unless a person names the host: it is off, or certainly does not see the LUN.
 */
export function answersOf(headline: string, needed: AnswersNeeded): Answers {
  const { sharing, elsewhere, luns, confirmedUninvolved, inventory, again } = needed;
  const wwids = luns.map(({ wwid }) => wwid);
  refuseNames(headline, needed);
  const unknown = needed.problemsOf ?? ((view: HostView) => sightProblems(view, luns));
  const silent: UnaskedHost[] = [];
  const reasons: Reason[] = [];
  for (const view of elsewhere) {
    const seen = lunsOf([view]).filter(({ wwid }) => wwids.includes(wwid));
    if (seen.length > 0) {
      const names = seen.map(({ wwid }) => wwid).join(", ");
      const why = [...view.problems, ...unknown(view), ...notUnderstoodAbout(view, wwids).map((doubt) => doubt.why)];
      reasons.push(
        ...[...new Set(why)].map((each) => {
          const text = `${view.host.name} can't be read completely: ${each}; it sees ${names} and may use it`;
          return reason("LUN_MAY_BE_IN_USE", text);
        }),
      );
      continue;
    }
    const [why] = unknown(view);
    if (why !== undefined)
      silent.push({ host: view.host, cluster: clusterOf(inventory, [view.host]).name, why: withoutStop(why) });
  }
  const unasked = silent.filter(({ host }) => confirmedUninvolved.includes(host.name));
  const missing = silent.filter((each) => !unasked.includes(each));
  const isSilent = (host: Host) => silent.some((each) => each.host === host);
  return {
    hosts: { asked: [...sharing, ...elsewhere].map(({ host }) => host).filter((host) => !isSilent(host)), unasked },
    reasons: [...reasons, ...missing.map(notAsked)],
    fixes:
      missing.length === 0 || reasons.length > 0
        ? []
        : [
            `make ${missing.map(({ host }) => host.name).join(", ")} answer, then send the command again`,
            {
              ...({ or: true, when: "if they are off or can't see the LUN" } as const),
              run: again([...confirmedUninvolved, ...missing.map(({ host }) => host.name)].join(",")),
            },
          ],
    next: missing.slice(0, 2).map(({ host }) => `host show ${host.name}`),
  };
}

const notAsked = ({ host, cluster, why }: UnaskedHost): Reason =>
  reason("HOST_NOT_ASKED", `${host.name} of ${cluster} was not asked whether it uses the LUN: ${why}`);

const withoutStop = (why: string): string => why.replace(/\.$/, "");

function refuseNames(headline: string, { sharing, elsewhere, confirmedUninvolved, again }: AnswersNeeded): void {
  const why = confirmedUninvolved.flatMap((name) => {
    if (sharing.some(({ host }) => host.name === name)) {
      return [
        reason("CANT_COMBINE", `unasked=${name}: ${name} shares the LUN or its cluster writes on it, and must answer`),
      ];
    }
    return elsewhere.some(({ host }) => host.name === name)
      ? []
      : [reason("NOT_FOUND", `unasked=${name}: ${name} is not in the inventory`)];
  });
  const others = confirmedUninvolved.filter((name) => elsewhere.some(({ host }) => host.name === name));
  refuse(headline, why, { fixes: [{ run: again(others.join(",")) }], next: ["host list"] });
}

/** The first part of the plan: the hosts that do not use the LUN, as a person confirms. */
export function unaskedParts({ unasked }: AskedHosts): Part[] {
  return unasked.map(
    (each): Part => ({
      kind: "text",
      tone: "bad",
      text: [
        { bold: `${each.host.name} of ${each.cluster} was not asked: ${each.why}.` },
        " If it sees the LUN and uses it, its data is lost. Your unasked= says that it does not.",
      ] satisfies Inline[],
    }),
  );
}

import { named } from "../../core/host-text.ts";
import { linesPart, type Part } from "../../core/reply.ts";
import type { Lun, LunOnHost } from "../observe/lun.ts";

/** Who has a LUN open on each host, to the last opener; nothing if nobody has. */
export function openerParts({ on }: Lun): Part[] {
  const lines = on.flatMap((each) => {
    const openers = openersOf(each);
    if (openers.length === 0 && (each.openCount ?? 0) === 0) return [];
    const count = each.openCount === null ? "" : `map open ${each.openCount} ×: `;
    return [[{ bold: each.host.name }, ` ${count}${openers.join(", ")}`]];
  });
  return lines.length === 0 ? [] : [linesPart("Open on", lines)];
}

const openersOf = (on: LunOnHost): string[] => [
  ...on.mountPoints.map((point) => `mounted at ${named(point)}`),
  ...on.directHolders.map(({ name }) => `device ${named(name)}`),
  ...on.users,
  ...on.possibleUsers.map(({ by }) => `perhaps ${by}`),
  ...(on.unexplainedOpens > 0 ? [`${on.unexplainedOpens} × not explained`] : []),
];

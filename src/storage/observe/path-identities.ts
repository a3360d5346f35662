import type { Gathered, ReadCommand } from "../../core/host-command.ts";
import { orNone } from "../../core/not-installed.ts";
import { valueOr } from "../../core/outcome.ts";
import type { Gather } from "../../core/step.ts";
import { type IscsiSession, listIscsiSessions } from "../../host/iscsi-session.ts";
import { type PathPage, readPathPage, readUnitSerial } from "../../host/scsi.ts";
import { type HostView, type PathIdentity, problemsOf } from "./host-view.ts";
import { lunsOf } from "./lun.ts";

type IdentityReads = {
  [name: `serial of ${string}`]: ReadCommand<string | null>;
} & { [name: `page of ${string}`]: ReadCommand<PathPage> } & { sessions?: ReadCommand<IscsiSession[]> };

/** Reads the identity of every path of these LUNs. A LUN with a single path needs none. */
export function identityReads(view: HostView, wwids: readonly string[]): IdentityReads {
  const reads: IdentityReads = {};
  for (const disk of pathsOf(view, wwids)) {
    reads[`serial of ${disk}`] = readUnitSerial(disk);
    reads[`page of ${disk}`] = readPathPage(disk);
  }
  const isIscsi = view.devices.some(({ transport }) => transport === "iscsi");
  return isIscsi ? { ...reads, sessions: orNone(listIscsiSessions, []) } : reads;
}

function pathsOf(view: HostView, wwids: readonly string[]): string[] {
  const asked = new Set(wwids);
  return lunsOf([view])
    .filter(({ wwid }) => asked.has(wwid))
    .flatMap(({ on }) => on.flatMap(({ pathSizes }) => [...pathSizes.keys()]))
    .filter((disk) => /^sd[a-z]+$/.test(disk));
}

interface Identities {
  readonly paths: readonly PathIdentity[];
  /** Names of the iSCSI targets that the host is logged in to. */
  readonly targets: ReadonlySet<string>;
  readonly problems: readonly string[];
}

export function identitiesIn(view: HostView, reads: IdentityReads, seen: Gathered<IdentityReads>): Identities {
  const sessions: readonly IscsiSession[] = seen.sessions === undefined ? [] : valueOr(seen.sessions, []);
  const hctls = new Map(view.devices.map(({ kernelName, hctl }) => [kernelName, hctl]));
  const paths = Object.keys(reads).flatMap((key): PathIdentity[] => {
    const disk = /^serial of (.*)$/.exec(key)?.[1];
    if (disk === undefined) return [];
    const serial = seen[`serial of ${disk}`];
    const page = seen[`page of ${disk}`];
    const reported = page === undefined ? null : valueOr(page, null);
    const scsiHost = Number(hctls.get(disk)?.split(":")[0]);
    const session = sessions.find((each) => each.scsiHost === scsiHost || each.disks.includes(disk));
    return [
      {
        disk,
        isIscsi: view.devices.some(({ kernelName, transport }) => kernelName === disk && transport === "iscsi"),
        serial: serial === undefined ? null : valueOr(serial, null),
        name: reported?.name ?? null,
        target: session?.target ?? null,
        targetPort: reported?.port ?? null,
      },
    ];
  });
  const targets = new Set(sessions.map(({ target }) => target));
  return { paths, targets, problems: problemsOf(reads, seen) };
}

/** The view with the identity of each path of these LUNs, without their users. */
export async function withIdentities(view: HostView, wwids: readonly string[], gather: Gather): Promise<HostView> {
  const reads = identityReads(view, wwids);
  if (Object.keys(reads).length === 0) return view;
  const { paths, problems } = identitiesIn(view, reads, await gather(view.host, reads));
  return { ...view, identities: paths, problems: [...new Set([...view.problems, ...problems])] };
}

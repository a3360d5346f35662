import type { San } from "./san.ts";
import type { IscsiSession, IscsiTarget, SanHost } from "./san-state.ts";

/** How the hosts' kernels and the iSCSI targets of the array meet. */

export const targetNamed = (san: San, name: string): IscsiTarget | null =>
  san.state.targets.find((target) => target.name === name) ?? null;

export const sessionOn = (host: SanHost, scsiHost: number): IscsiSession | null =>
  host.iscsiSessions.find((session) => session.scsiHost === scsiHost) ?? null;

/** Whether the path with this `host:channel:target:lun` goes over iSCSI. */
export const isOverIscsi = (host: SanHost, hctl: string): boolean => sessionOn(host, scsiHostOf(hctl)) !== null;

export const scsiHostOf = (hctl: string): number => Number(hctl.split(":")[0]);

/** Whether the portal of a session answers. */
export function isAnswered(san: San, { target, address, port }: IscsiSession): boolean {
  const portals = targetNamed(san, target)?.portals ?? [];
  return portals.some((portal) => portal.address === address && portal.port === port && portal.answers);
}

/** The LUNs that a session's target offers become paths, which the kernel has not yet scanned. */
export function offerOverSession(san: San, host: SanHost, scsiHost: number): void {
  const session = sessionOn(host, scsiHost);
  if (session === null || !isAnswered(san, session)) return;
  for (const { number, wwid } of targetNamed(san, session.target)?.luns ?? []) {
    const hctl = `${scsiHost}:0:0:${number}`;
    if (host.withheld.includes(wwid) || host.paths.some((path) => path.hctl === hctl)) continue;
    host.paths.push({ wwid, hctl, device: null, sizeBytes: san.lun(wwid).sizeBytes, state: "running" });
  }
}

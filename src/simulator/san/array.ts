import { ownerName } from "../programs/host-leases.ts";
import { assembleMaps } from "../programs/multipath.ts";
import { scanHost } from "../programs/scan.ts";
import { blank } from "./content.ts";
import { isOverIscsi, scsiHostOf, targetNamed } from "./iscsi.ts";
import { nextDiskName, type San } from "./san.ts";
import type { Content, IscsiTarget, SanHost, SanLun, SanPath } from "./san-state.ts";
import { portOf, reachesArray } from "./target-ports.ts";
import { probeAgain } from "./udev-memory.ts";

interface NewLun {
  readonly wwid: string;
  readonly sizeBytes: number;
  /** Default: 512. */
  readonly logicalSectorBytes?: number;
  /** Default: blank. */
  readonly content?: Content;
  /** The hosts that it is offered to. Default: all. */
  readonly hosts?: readonly string[];
}

/** The other array's target in `joinTwin`. */
const TWIN = "iqn.2024-01.lab:twin";

/** What a host's kernel keeps of a LUN that the array no longer offers to it. */
type Leaving = "nothing" | "dead paths" | "an empty map" | "a map of gone paths";

/** Actions of the array's administrator, and of others with access to the SAN, outside the bot. */
export class SanArray {
  readonly #san: San;

  constructor(san: San) {
    this.#san = san;
  }

  /** A read-only view of a LUN. */
  lun(wwid: string): SanLun {
    return structuredClone(this.#san.lun(wwid));
  }

  /** A new LUN; a host sees it after a scan of its SCSI hosts. */
  offer({ wwid, sizeBytes, logicalSectorBytes = 512, content, hosts }: NewLun): void {
    const { luns } = this.#san.state;
    const number = Math.max(0, ...luns.map((lun) => lun.number)) + 1;
    const model = { vendor: "DELL", product: "MD32xx", revision: "0784" };
    luns.push({ wwid, number, sizeBytes, logicalSectorBytes, ...model, content: content ?? blank() });
    for (const host of this.#san.state.hosts) {
      if (hosts && !hosts.includes(host.name)) continue;
      for (const target of targetsOf(host)) {
        host.paths.push({ wwid, hctl: `${target}:${number}`, device: null, sizeBytes, state: "running" });
      }
    }
    this.#san.changed();
  }

  /** The array no longer offers the LUN to the host. `leaving` is what its kernel still has of it. */
  unmap(wwid: string, hostName: string, leaving: Leaving = "nothing"): void {
    const host = this.#san.host(hostName);
    const map = host.maps.find((one) => one.wwid === wwid);
    if (!host.withheld.includes(wwid)) host.withheld.push(wwid);
    if (leaving === "a map of gone paths" && map) map.gonePaths = pathsOf(host, wwid).length;
    if (leaving === "dead paths") {
      for (const path of pathsOf(host, wwid)) path.state = "unmapped";
    } else {
      host.paths = host.paths.filter((path) => path.wwid !== wwid);
      if (leaving === "nothing") host.maps = host.maps.filter((map) => map.wwid !== wwid);
    }
    this.#san.changed();
  }

  /** The host gets the LUN again. If the host has no path left, it sees the LUN after a scan of its SCSI hosts. */
  offerAgain(wwid: string, hostName: string): void {
    const host = this.#san.host(hostName);
    const { number, sizeBytes } = this.#san.lun(wwid);
    host.withheld = host.withheld.filter((one) => one !== wwid);
    if (pathsOf(host, wwid).length === 0 && !this.#isOfTarget(wwid)) {
      for (const target of targetsOf(host)) {
        host.paths.push({ wwid, hctl: `${target}:${number}`, device: null, sizeBytes, state: "running" });
      }
    }
    for (const path of pathsOf(host, wwid)) {
      path.state = reachesArray(this.#san, host, path.hctl) ? "running" : "failed";
    }
    this.#san.changed();
  }

  /** The host gets the LUN again, and has scanned for it. */
  map(wwid: string, hostName: string): void {
    this.offerAgain(wwid, hostName);
    const host = this.#san.host(hostName);
    for (const scsiHost of host.scsiHosts) scanHost(this.#san, host, scsiHost);
    this.#san.changed();
  }

  /** The LUN grows; the hosts named, or all, have read its new size on every path and resized its map. */
  grow(wwid: string, sizeBytes: number, hosts?: readonly string[]): void {
    this.#san.lun(wwid).sizeBytes = sizeBytes;
    for (const host of this.#san.state.hosts) {
      if (hosts && !hosts.includes(host.name)) continue;
      for (const path of pathsOf(host, wwid)) path.sizeBytes = sizeBytes;
      for (const map of host.maps) if (map.wwid === wwid) map.sizeBytes = sizeBytes;
    }
    this.#san.changed();
  }

  /** One path still has, or has got, another size than the others. */
  pathSize(hostName: string, device: string, sizeBytes: number): void {
    this.#path(hostName, device).sizeBytes = sizeBytes;
    this.#san.changed();
  }

  /** The kernel's names of the paths that the host has to a LUN: `sdb`. */
  devices(wwid: string, hostName: string): string[] {
    return pathsOf(this.#san.host(hostName), wwid).flatMap(({ device }) => device ?? []);
  }

  /** The addresses of a LUN's paths on a host, as its kernel has them. */
  hctls(wwid: string, hostName: string): string[] {
    return this.#san.host(hostName).paths.flatMap((path) => (path.wwid === wwid ? [path.hctl] : []));
  }

  /** The name of the host's map of a LUN: `mpatha`. */
  mapName(wwid: string, hostName: string): string {
    const map = this.#san.host(hostName).maps.find((one) => one.wwid === wwid);
    if (!map) throw new Error(`${hostName} of the simulated SAN has no map of ${wwid}`);
    return map.alias;
  }

  pathState(hostName: string, device: string, state: SanPath["state"]): void {
    this.#path(hostName, device).state = state;
    this.#san.changed();
  }

  /** The host has this LUN's paths without a map: multipath was never set up, or the map was flushed. */
  flushMap(wwid: string, hostName: string): void {
    const host = this.#san.host(hostName);
    host.maps = host.maps.filter((map) => map.wwid !== wwid);
    this.#san.changed();
  }

  /** The host has one path to the LUN, and no map. */
  leavesOnePath(wwid: string, hostName: string): void {
    const host = this.#san.host(hostName);
    const [first] = pathsOf(host, wwid);
    host.paths = host.paths.filter((path) => path.wwid !== wwid || path === first);
    this.flushMap(wwid, hostName);
  }

  /** The path itself was in use when the map was made: multipathd could not add it. */
  leaveOut(hostName: string, device: string): void {
    const host = this.#san.host(hostName);
    const { wwid } = this.#path(hostName, device);
    host.maps.find((map) => map.wwid === wwid)?.leftOut.push(device);
    this.#san.changed();
  }

  /** `multipathd del path`: the daemon loads the map without the path, and forgets the path. The kernel has it. */
  deletePath(hostName: string, device: string): void {
    const { wwid } = this.#path(hostName, device);
    this.leaveOut(hostName, device);
    this.#san
      .host(hostName)
      .maps.find((map) => map.wwid === wwid)
      ?.deleted.push(device);
    this.#san.changed();
  }

  /** Login redirection: from now on every login at a portal of the target is redirected. */
  sendOn(target: string, address: string): void {
    for (const portal of this.#target(target).portals) portal.sendsOnTo = address;
    this.#san.changed();
  }

  assembleMaps(hostName: string): void {
    assembleMaps({ san: this.#san, host: this.#san.host(hostName) });
  }

  /** A person writes to the LUN, on the named host or on an unknown one. No other host notices. */
  write(wwid: string, content: Content, hostName?: string): void {
    this.#san.lun(wwid).content = structuredClone(content);
    if (hostName !== undefined) probeAgain(this.#san, this.#san.host(hostName), wwid);
    this.#san.forgetLostVolumeGroups();
    this.#san.changed();
  }

  /** Sets the time since which the host's sanlock can't write its leases. */
  failRenewals(hostName: string, forMs: number): void {
    for (const lockspace of this.#san.host(hostName).lockspaces) lockspace.staleSince = Date.now() - forMs;
    this.#san.changed();
  }

  /** The host's sanlock can write its leases again, as if it always could. */
  resumeRenewals(hostName: string): void {
    for (const lockspace of this.#san.host(hostName).lockspaces) lockspace.staleSince = null;
    this.#san.changed();
  }

  /** Sets the age of the leases of a host without power. */
  ageLeases(hostName: string, ageMs: number): void {
    const owner = ownerName(this.#san.host(hostName));
    for (const past of this.#san.state.pastLeases) {
      if (past.ownerName === owner && !past.released) past.lastRenewal = Date.now() - ageMs;
    }
    this.#san.changed();
  }

  /** A foreign host has this host id in the group, and renews its lease. A lease of a host of ours there is overwritten. */
  foreignHost(volumeGroup: string, hostId: number, ownerName: string): void {
    const group = this.#san.state.volumeGroups.find((each) => each.name === volumeGroup);
    if (!group) throw new Error(`the simulated SAN has no volume group ${volumeGroup}`);
    const lastRenewal = Number.MAX_SAFE_INTEGER;
    this.#san.state.pastLeases.push({ volumeGroupUuid: group.uuid, hostId, ownerName, lastRenewal, released: false });
    this.#san.changed();
  }

  /** The foreign host leaves the group in order. What it has overwritten stays so. */
  foreignHostLeaves(volumeGroup: string, hostId: number): void {
    const group = this.#san.state.volumeGroups.find((each) => each.name === volumeGroup);
    for (const past of this.#san.state.pastLeases)
      if (past.volumeGroupUuid === group?.uuid && past.hostId === hostId) past.released = true;
    this.#san.changed();
  }

  /** The host's clock goes ahead of the true time. */
  setClockAhead(hostName: string, ms: number): void {
    this.#san.host(hostName).clockAheadMs = ms;
    this.#san.changed();
  }

  mount(wwid: string, hostName: string, mountPoint: string, partition: number | null = null): void {
    this.#san.host(hostName).mounts.push({ wwid, partition, mountPoint });
    this.#san.changed();
  }

  unmount(wwid: string, hostName: string): void {
    const host = this.#san.host(hostName);
    host.mounts = host.mounts.filter((mount) => mount.wwid !== wwid);
    this.#san.changed();
  }

  /** A new LUN of an iSCSI target; a host sees it after a scan of its sessions. */
  offerTo(target: string, { wwid, sizeBytes }: Pick<NewLun, "wwid" | "sizeBytes">): void {
    const named = this.#target(target);
    const number = Math.max(0, ...named.luns.map((lun) => lun.number)) + 1;
    const model = { vendor: "LIO-ORG", product: "array2", revision: "4.0" };
    this.#san.state.luns.push({ wwid, number, sizeBytes, logicalSectorBytes: 512, ...model, content: blank() });
    named.luns.push({ number, wwid, serial: null });
    this.#san.changed();
  }

  /**
   * A further iSCSI target with a LUN of an existing WWID: another port of the same array, or a port of another array,
   * which counts its ports from 1.
   */
  offerTwice(wwid: string, target: string, { groups, serial }: { groups: readonly number[]; serial?: string }): void {
    const first = this.#san.state.targets.find(({ luns }) => luns.some((lun) => lun.wwid === wwid));
    if (!first) throw new Error(`no target of the simulated array offers ${wwid}`);
    const portals = first.portals.map((portal, index) => ({ ...portal, group: groups[index] ?? index + 1 }));
    const number = first.luns.find((lun) => lun.wwid === wwid)?.number ?? 1;
    this.#san.state.targets.push({
      name: target,
      portals,
      chap: null,
      luns: [{ number, wwid, serial: serial ?? null }],
    });
    this.#san.changed();
  }

  /** Another array's target has a LUN of its own with this WWID, and the host is logged in to it. */
  joinTwin(wwid: string, hostName: string): void {
    const target = TWIN;
    const address = "172.20.14.21";
    const { number } = this.#san.lun(wwid);
    const portals = [{ address, port: 3260, group: 1, told: address, answers: true, sendsOnTo: null }];
    this.#san.state.targets.push({ name: target, portals, chap: null, luns: [{ number, wwid, serial: null }] });
    const host = this.#san.host(hostName);
    const sid = Math.max(0, ...host.iscsiSessions.map((session) => session.sid)) + 1;
    const scsiHost = Math.max(...host.scsiHosts) + 1;
    host.scsiHosts.push(scsiHost);
    host.iscsiSessions.push({ sid, target, address, port: 3260, group: 1, sentOnTo: null, scsiHost });
    scanHost(this.#san, host, scsiHost);
    this.#san.changed();
  }

  /**
   * The array has another LUN with this WWID, serial number and size on the same ports, as a clone may be. The host has
   * scanned for it.
   */
  offerClone(wwid: string, hostName: string): void {
    const host = this.#san.host(hostName);
    const number = Math.max(...this.#san.state.luns.map((lun) => lun.number)) + 1;
    for (const { hctl, sizeBytes } of pathsOf(host, wwid)) {
      const place = `${hctl.slice(0, hctl.lastIndexOf(":"))}:${number}`;
      host.paths.push({ wwid, hctl: place, device: nextDiskName(host), sizeBytes, state: "running" });
    }
    this.#san.changed();
  }

  /** The array takes that other LUN away, and the host has removed its disks. */
  takeClone(wwid: string, hostName: string): void {
    const host = this.#san.host(hostName);
    const { number } = this.#san.lun(wwid);
    host.paths = host.paths.filter((path) => path.wwid !== wwid || path.hctl.endsWith(`:${number}`));
    this.#san.changed();
  }

  /** The host logs out of the other array's target, and that target is gone. */
  leaveTwin(hostName: string): void {
    const host = this.#san.host(hostName);
    const session = host.iscsiSessions.find((each) => each.target === TWIN);
    if (session === undefined) throw new Error(`${hostName} is not logged in to ${TWIN}`);
    host.iscsiSessions = host.iscsiSessions.filter((each) => each !== session);
    host.scsiHosts = host.scsiHosts.filter((each) => each !== session.scsiHost);
    host.paths = host.paths.filter(({ hctl }) => scsiHostOf(hctl) !== session.scsiHost);
    this.#san.state.targets = this.#san.state.targets.filter(({ name }) => name !== TWIN);
    this.#san.changed();
  }

  /** Stores the state of the host; the returned function restores it. */
  keep(hostName: string): () => void {
    const host = this.#san.host(hostName);
    const kept = structuredClone(host);
    return () => {
      Object.assign(host, structuredClone(kept));
      this.#san.changed();
    };
  }

  /** From now on the target accepts only this user and secret. */
  setChap(target: string, chap: { readonly user: string; readonly secret: string }): void {
    this.#target(target).chap = { ...chap };
    this.#san.changed();
  }

  #target(name: string): IscsiTarget {
    const target = targetNamed(this.#san, name);
    if (target === null) throw new Error(`the simulated array has no target ${name}`);
    return target;
  }

  /** An iSCSI portal fails or returns, with its paths. */
  portalAnswers(address: string, answers: boolean): void {
    for (const { portals } of this.#san.state.targets) {
      for (const portal of portals) if (portal.address === address) portal.answers = answers;
    }
    for (const host of this.#san.state.hosts) {
      const cut = host.iscsiSessions.filter((session) => session.address === address).map(({ scsiHost }) => scsiHost);
      for (const path of host.paths) {
        if (cut.includes(scsiHostOf(path.hctl))) setWorking(path, answers);
      }
    }
    this.#san.changed();
  }

  /** The array's SAS port with this target number fails or returns, with its paths. */
  portWorks(target: number, works: boolean): void {
    const { state } = this.#san;
    state.failedPorts = [...state.failedPorts.filter((one) => one !== target), ...(works ? [] : [target])];
    for (const host of state.hosts) {
      for (const path of host.paths) if (portOf(host, path.hctl) === target) setWorking(path, works);
    }
    this.#san.changed();
  }

  #isOfTarget(wwid: string): boolean {
    return this.#san.state.targets.some(({ luns }) => luns.some((lun) => lun.wwid === wwid));
  }

  #path(hostName: string, device: string): SanPath {
    const path = this.#san.host(hostName).paths.find((one) => one.device === device);
    if (!path) throw new Error(`${hostName} of the simulated SAN has no path ${device}`);
    return path;
  }
}

/** What the array withholds or the host has set offline stays so. */
function setWorking(path: SanPath, works: boolean): void {
  if (path.state === (works ? "failed" : "running")) path.state = works ? "running" : "failed";
}

const pathsOf = (host: SanHost, wwid: string): SanPath[] => host.paths.filter((path) => path.wwid === wwid);

/** `host:channel:target` of the array's ports, as the host's other LUNs show them. */
function targetsOf(host: SanHost): string[] {
  const paths = host.paths.filter((path) => !isOverIscsi(host, path.hctl));
  const seen = new Set(paths.map((path) => path.hctl.split(":").slice(0, 3).join(":")));
  return seen.size > 0 ? [...seen] : ["0:0:0", "0:0:1"];
}

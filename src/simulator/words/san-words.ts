import { Refusal, reason } from "../../core/refusal.ts";
import { binarySize } from "../programs/map-topology.ts";
import { extentBytes } from "../programs/physical-volumes.ts";
import { scsiHostOf, sessionOn } from "../san/iscsi.ts";
import type { SanHost, SanLun, SanPath } from "../san/san-state.ts";
import { portOf, reachesArray } from "../san/target-ports.ts";
import type { SimulatedHosts } from "../simulated-hosts.ts";
import { type BrokenThing, brokenThings } from "./broken.ts";
import {
  capacityOf,
  hostNamed,
  lunLabel,
  lunNamed,
  type NamedStorage,
  type Portal,
  pathNamed,
  portalNamed,
  portalsOf,
  shortName,
  storageNamed,
} from "./objects.ts";
import { parseSanWords, type SanChange, sanUsages } from "./parse.ts";

/** Longer than the eight I/O time-outs after which sanlock gives a lease up. */
const LOST_FOR_MS = 100_000;

/** The volume that `fill` makes or resizes. */
const FILLER = "filled-by-san";

type Of<W extends SanChange["word"]> = Extract<SanChange, { readonly word: W }>;

/** What a person can name in the words now. */
interface SanChoices {
  readonly hosts: readonly {
    readonly name: string;
    readonly isDown: boolean;
    readonly hasLease: boolean;
    /** Those that the array offers to it and its kernel knows. */
    readonly luns: readonly {
      readonly wwid: string;
      readonly paths: readonly { readonly name: string; readonly works: boolean }[];
    }[];
  }[];
  readonly luns: readonly { readonly wwid: string; readonly label: string; readonly sizeBytes: number }[];
  readonly portals: readonly { readonly name: string; readonly works: boolean; readonly paths: number }[];
  readonly storages: readonly { readonly name: string; readonly percent: number }[];
  /** What is broken now, each with the words that restore it. */
  readonly broken: readonly BrokenThing[];
}

/** Breaks the simulated SAN and restores it, as words say: from a terminal and from the page. */
export class SanWords {
  readonly #hosts: SimulatedHosts;
  readonly #storages: () => readonly NamedStorage[];

  constructor(hosts: SimulatedHosts, storages: () => readonly NamedStorage[]) {
    this.#hosts = hosts;
    this.#storages = storages;
  }

  /** Resolves to the new state, in one line. Throws a Refusal, which names the object, the reason and the fix. */
  async apply(text: string): Promise<string> {
    const change = parseSanWords(text);
    switch (change.word) {
      case "path-fail":
        return this.#setPath(change, "failed");
      case "path-restore":
        return this.#setPath(change, "running");
      case "portal-fail":
        return this.#setPortal(change.PORTAL, false);
      case "portal-restore":
        return this.#setPortal(change.PORTAL, true);
      case "host-down":
        return this.#setPower(change.HOST, false);
      case "host-up":
        return this.#setPower(change.HOST, true);
      case "lease-lost":
        return this.#loseLease(change.HOST);
      case "lease-restore":
        return this.#restoreLease(change.HOST);
      case "grow":
        return this.#grow(change);
      case "fill":
        return this.#fill(change);
      case "unmap":
        return this.#unmap(change);
      case "map":
        return this.#map(change);
    }
  }

  choices(): SanChoices {
    const { san } = this.#hosts;
    const { hosts, luns, volumeGroups } = san.state;
    return {
      hosts: hosts.map((host) => ({
        name: host.name,
        isDown: host.isDown,
        hasLease: host.lockspaces.some(({ staleSince }) => staleSince === null),
        luns: luns.flatMap(({ wwid }) => {
          const paths = host.paths.flatMap(({ wwid: of, device, state }) =>
            of === wwid && device !== null ? [{ name: device, works: state === "running" }] : [],
          );
          return paths.length > 0 && !host.withheld.includes(wwid) ? [{ wwid, paths }] : [];
        }),
      })),
      luns: luns.map((lun) => ({ wwid: lun.wwid, label: lunLabel(lun), sizeBytes: lun.sizeBytes })),
      portals: portalsOf(san).map((portal) => ({
        name: portal.name,
        works: portal.works,
        paths: hosts.reduce((sum, host) => sum + pathsThrough(host, portal).length, 0),
      })),
      storages: this.#storages().flatMap(({ name, volumeGroup }) => {
        const group = volumeGroups.find((one) => one.name === volumeGroup);
        return group ? [{ name, percent: percentOf(capacityOf(san, group)) }] : [];
      }),
      broken: brokenThings(san, this.#storages(), FILLER),
    };
  }

  /** The words, the names, and what is broken: for a person who typed none. */
  usage(): string {
    const { hosts, portals, storages, broken } = this.choices();
    return [
      "Words:",
      ...sanUsages.map((usage) => `  ${usage}`),
      `Hosts: ${hosts.map(({ name }) => name).join(", ")}`,
      `Portals: ${portals.map(({ name }) => name).join(", ")}`,
      ...(storages.length === 0 ? [] : [`Storages: ${storages.map(({ name }) => name).join(", ")}`]),
      broken.length === 0 ? "Nothing is broken." : "Broken now, with the words that restore it:",
      ...broken.map(({ text, restore }) => `  ${text}: ${restore}`),
    ].join("\n");
  }

  onChange(listener: () => void): void {
    this.#hosts.san.onChange(listener);
  }

  #setPath({ HOST, WWID, PATH }: Of<"path-fail"> | Of<"path-restore">, state: "failed" | "running"): string {
    const { san, array } = this.#hosts;
    const host = hostNamed(san, HOST);
    const lun = lunNamed(san, WWID);
    const path = pathNamed(host, lun, PATH);
    const headline = `The path ${path.device} on ${host.name} can't be changed`;
    throwIfDown(host, headline);
    if (path.state === "unmapped") {
      const fix = `first type map ${host.name} ${lun.wwid}`;
      throw new Refusal(headline, reason("WRONG_STATE", "the array no longer offers its LUN to the host", fix));
    }
    if (state === "running" && !reachesArray(san, host, path.hctl)) {
      const failed = portalsOf(san).filter(({ works }) => !works);
      const fixes = failed.map(({ name }) => `portal-restore ${name}`).join(" or ");
      throw new Refusal(headline, reason("WRONG_STATE", "its portal does not work", `first type ${fixes}`));
    }
    array.pathState(host.name, path.device, state);
    return `${path.device} of ${shortName(lun.wwid)} on ${host.name} ${state === "failed" ? "failed" : "works"}. ${pathCount(host, lun)}`;
  }

  #setPortal(name: string, works: boolean): string {
    const { san, array } = this.#hosts;
    const portal = portalNamed(san, name);
    setWorking(array, portal, works);
    const paths = san.state.hosts.flatMap((host) => pathsThrough(host, portal));
    const working = paths.filter(({ state }) => state === "running").length;
    const now = works ? "answers again" : "does not answer";
    const through = paths.length === 0 ? "No host uses it." : `${working} of its ${paths.length} paths work.`;
    return `Portal ${portal.name} ${now}. ${through}`;
  }

  async #setPower(name: string, isOn: boolean): Promise<string> {
    const host = hostNamed(this.#hosts.san, name);
    if (isOn !== host.isDown) return `${host.name} is already ${isOn ? "up" : "down"}.`;
    await (isOn ? this.#hosts.powerOn(name) : this.#hosts.powerOff(name));
    return isOn ? `${host.name} is up again. Its lockspaces don't start by themselves.` : `${host.name} is down.`;
  }

  #loseLease(name: string): string {
    const { san, array } = this.#hosts;
    const host = hostNamed(san, name);
    const headline = `The lease of ${host.name} can't be lost`;
    throwIfDown(host, headline);
    if (host.lockspaces.length === 0) {
      const fix = "add a storage to its cluster, or reconnect it";
      throw new Refusal(headline, reason("LOCK_STATE", "it has no lease", fix));
    }
    array.failRenewals(host.name, LOST_FOR_MS);
    return `${host.name} has not renewed its lease for ${LOST_FOR_MS / 1000} s: its lockspace is lost.`;
  }

  #restoreLease(name: string): string {
    const { san, array } = this.#hosts;
    const host = hostNamed(san, name);
    if (!host.lockspaces.some(({ staleSince }) => staleSince !== null)) return `${host.name} has lost no lease.`;
    array.resumeRenewals(host.name);
    return `${host.name} renews its lease again.`;
  }

  /** The array has the new size. A host has it when its kernel reads the size of each path again: no scan does that. */
  #grow({ WWID, SIZE }: Of<"grow">): string {
    const { san, array } = this.#hosts;
    const lun = lunNamed(san, WWID);
    const bytes = SIZE - (SIZE % lun.logicalSectorBytes);
    if (bytes <= lun.sizeBytes) {
      const why = `it has ${binarySize(lun.sizeBytes)}, and an array makes no LUN smaller`;
      const fix = `type a larger size: grow ${lun.wwid} ${Math.floor(lun.sizeBytes / 1024 ** 3) + 1}G`;
      throw new Refusal(
        `LUN ${shortName(lun.wwid)} can't grow to ${binarySize(bytes)}`,
        reason("SIZE_UNCLEAR", why, fix),
      );
    }
    array.grow(lun.wwid, bytes, []);
    const group = lun.content.physicalVolume?.volumeGroupUuid;
    const storage = this.#storages().find(({ volumeGroup }) =>
      san.state.volumeGroups.some(({ name, uuid }) => name === volumeGroup && uuid === group),
    );
    const next = storage === undefined ? "`host rescan` reads it." : `\`sharedblock resize ${storage.name}\` reads it.`;
    return `LUN ${shortName(lun.wwid)} has ${binarySize(bytes)} on the array. Hosts have the earlier size until they read it again. ${next}`;
  }

  /** One volume of its own takes what is left to the percentage, and no extent less: limits are reached. */
  #fill({ STORAGE, PERCENT }: Of<"fill">): string {
    const { san } = this.#hosts;
    const { name, group } = storageNamed(san, this.#storages(), STORAGE);
    const { bytes } = capacityOf(san, group);
    group.logicalVolumes = group.logicalVolumes.filter((volume) => volume.name !== FILLER);
    const { usedBytes } = capacityOf(san, group);
    const wanted = Math.ceil(((bytes / 100) * PERCENT - usedBytes) / extentBytes) * extentBytes;
    if (wanted > 0) group.logicalVolumes.push({ name: FILLER, sizeBytes: wanted, tags: [] });
    san.changed();
    const percent = percentOf(capacityOf(san, group));
    const others = percent > PERCENT && wanted <= 0 ? ": its own volumes use that" : "";
    return `${name} is ${percent} % full${others}.`;
  }

  /** The kernel keeps disks that don't answer, until they are deleted. */
  #unmap({ HOST, WWID }: Of<"unmap">): string {
    const { san, array } = this.#hosts;
    const host = hostNamed(san, HOST);
    const lun = lunNamed(san, WWID);
    if (host.withheld.includes(lun.wwid))
      return `The array does not offer ${shortName(lun.wwid)} to ${host.name} already.`;
    if (!host.paths.some(({ wwid }) => wwid === lun.wwid)) {
      const seen = [...new Set(host.paths.map(({ wwid }) => wwid))];
      throw new Refusal(
        `LUN ${shortName(lun.wwid)} can't be unmapped from ${host.name}`,
        reason("LUN_NOT_SEEN", "the host has no path to it", `type one of: ${seen.join(", ")}`),
      );
    }
    array.unmap(lun.wwid, host.name, "dead paths");
    return `The array no longer offers ${shortName(lun.wwid)} to ${host.name}.`;
  }

  #map({ HOST, WWID }: Of<"map">): string {
    const { san, array } = this.#hosts;
    const host = hostNamed(san, HOST);
    const lun = lunNamed(san, WWID);
    array.offerAgain(lun.wwid, host.name);
    const paths = host.paths.filter(({ wwid }) => wwid === lun.wwid);
    const isKnown = paths.some(({ device }) => device !== null);
    const isOverIscsi = san.state.targets.some(({ luns }) => luns.some(({ wwid }) => wwid === lun.wwid));
    const how = isOverIscsi ? "a rescan of its sessions, or a login" : "a scan of its SCSI hosts";
    return `The array offers ${shortName(lun.wwid)} to ${host.name}. ${isKnown ? pathCount(host, lun) : `The host sees it after ${how}.`}`;
  }
}

const pathsThrough = (host: SanHost, portal: Portal): SanPath[] =>
  host.paths.filter(({ device, hctl }) => {
    if (device === null) return false;
    if (portal.kind === "sas") return portOf(host, hctl) === portal.target;
    return sessionOn(host, scsiHostOf(hctl))?.address === portal.address;
  });

function setWorking(array: SimulatedHosts["array"], portal: Portal, works: boolean): void {
  if (portal.kind === "iscsi") array.portalAnswers(portal.address, works);
  else array.portWorks(portal.target, works);
}

function throwIfDown(host: SanHost, headline: string): void {
  if (!host.isDown) return;
  throw new Refusal(headline, reason("WRONG_STATE", "the host is down", `first type host-up ${host.name}`));
}

function pathCount(host: SanHost, { wwid }: SanLun): string {
  const paths = host.paths.filter((path) => path.wwid === wwid && path.device !== null);
  const working = paths.filter(({ state }) => state === "running");
  return `${working.length} of ${paths.length} paths work.`;
}

const percentOf = ({ bytes, usedBytes }: { readonly bytes: number; readonly usedBytes: number }): number =>
  bytes === 0 ? 0 : Math.round((usedBytes / bytes) * 1000) / 10;

import { Refusal, reason } from "../../core/refusal.ts";
import { binarySize } from "../programs/map-topology.ts";
import { sizeInGroup } from "../programs/physical-volumes.ts";
import type { San } from "../san/san.ts";
import type { SanHost, SanLun, SanPath, SanVolumeGroup } from "../san/san-state.ts";
import { portAddress, portsOf } from "../san/target-ports.ts";

/** The objects that the words name. An unknown name is refused with those that exist. */

/** A storage of the inventory, and the name of its volume group. */
export interface NamedStorage {
  readonly name: string;
  readonly volumeGroup: string;
}

/** A portal of an iSCSI target, or a SAS port of the array. */
export type Portal =
  | { readonly kind: "iscsi"; readonly name: string; readonly address: string; readonly works: boolean }
  | { readonly kind: "sas"; readonly name: string; readonly target: number; readonly works: boolean };

const MOST_NAMES = 20;

function unknown(kind: string, name: string, known: readonly string[], place = ""): Refusal {
  const shown = known.slice(0, MOST_NAMES).join(", ");
  const more = known.length > MOST_NAMES ? ` and ${known.length - MOST_NAMES} more` : "";
  const fix = known.length === 0 ? [] : [`type one of: ${shown}${more}`];
  const why = known.length === 0 ? `the simulated SAN has no ${kind}` : `the simulated SAN has no such ${kind}`;
  return new Refusal(`There is no ${kind} ${JSON.stringify(name)}${place}`, reason("NOT_FOUND", why, ...fix));
}

export function hostNamed({ state }: San, name: string): SanHost {
  const host = state.hosts.find((one) => one.name === name);
  if (host === undefined) {
    throw unknown(
      "host",
      name,
      state.hosts.map((one) => one.name),
    );
  }
  return host;
}

const FEWEST_FIGURES = 4;

/** By its WWID or by the end of it. */
export function lunNamed({ state }: San, name: string): SanLun {
  const exact = state.luns.find(({ wwid }) => wwid === name);
  if (exact) return exact;
  const end = name.replace(/^…/, "");
  const [first, ...others] = end.length < FEWEST_FIGURES ? [] : state.luns.filter(({ wwid }) => wwid.endsWith(end));
  if (first === undefined) {
    throw unknown(
      "LUN",
      name,
      state.luns.map(({ wwid }) => wwid),
    );
  }
  if (others.length > 0) {
    const all = [first, ...others].map(({ wwid }) => wwid).join(", ");
    throw new Refusal(
      `The LUN ${JSON.stringify(name)} is not clear`,
      reason("AMBIGUOUS_NAME", `${others.length + 1} LUNs end so`, `type one of: ${all}`),
    );
  }
  return first;
}

/** By its kernel name, or by host:channel:target:lun. Only what the host's kernel knows is a path. */
export function pathNamed(host: SanHost, { wwid }: SanLun, name: string): SanPath & { readonly device: string } {
  const own = host.paths.filter((path) => path.wwid === wwid && path.device !== null);
  const path = own.find(({ device, hctl }) => device === name || hctl === name);
  if (path?.device == null) {
    throw unknown(
      "path",
      name,
      own.flatMap(({ device }) => device ?? []),
      ` to ${shortName(wwid)} on ${host.name}`,
    );
  }
  return { ...path, device: path.device };
}

export function portalsOf(san: San): Portal[] {
  const iscsi = new Map<string, Portal>();
  for (const { address, port, answers } of san.state.targets.flatMap(({ portals }) => portals)) {
    const name = `${address}:${port}`;
    iscsi.set(name, { kind: "iscsi", name, address, works: answers && (iscsi.get(name)?.works ?? true) });
  }
  const sas = portsOf(san).map((target): Portal => {
    return { kind: "sas", name: portAddress(target), target, works: !san.state.failedPorts.includes(target) };
  });
  return [...sas, ...iscsi.values()];
}

/** An iSCSI portal also without its port. */
export function portalNamed(san: San, name: string): Portal {
  const portals = portalsOf(san);
  const portal = portals.find((one) => one.name === name || (one.kind === "iscsi" && one.address === name));
  if (portal === undefined) {
    throw unknown(
      "portal",
      name,
      portals.map((one) => one.name),
    );
  }
  return portal;
}

/** A storage of the inventory; also by the name of its volume group. */
export function storageNamed(
  { state }: San,
  storages: readonly NamedStorage[],
  name: string,
): { readonly name: string; readonly group: SanVolumeGroup } {
  const storage = storages.find((one) => one.name === name || one.volumeGroup === name);
  const group = state.volumeGroups.find((one) => one.name === (storage?.volumeGroup ?? name));
  if (group === undefined) {
    const others = state.volumeGroups.filter((one) => !storages.some(({ volumeGroup }) => volumeGroup === one.name));
    throw unknown("storage", name, [...storages.map((one) => one.name), ...others.map((one) => one.name)]);
  }
  return { name: storage?.name ?? group.name, group };
}

/** Bytes of a volume group that its physical volumes have, and that its volumes use. */
export function capacityOf(
  { state }: San,
  group: SanVolumeGroup,
): { readonly bytes: number; readonly usedBytes: number } {
  const volumes = state.luns.flatMap(({ content }) => content.physicalVolume ?? []);
  const own = volumes.filter(({ volumeGroupUuid }) => volumeGroupUuid === group.uuid);
  return {
    bytes: own.reduce((sum, one) => sum + sizeInGroup(one), 0),
    usedBytes: group.logicalVolumes.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  };
}

export const shortName = (wwid: string): string => `…${wwid.slice(-6)}`;

/** `…bbe00a, 2.0T` */
export const lunLabel = ({ wwid, sizeBytes }: SanLun): string => `${shortName(wwid)}, ${binarySize(sizeBytes)}`;

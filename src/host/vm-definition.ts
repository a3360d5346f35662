import { OutputNotUnderstood } from "../core/not-understood.ts";
import type { Stretches } from "../core/parts.ts";
import { absolutePath, devicePathsIn } from "./device-paths.ts";
import { readingXml, type XmlReader } from "./xml.ts";

/** How a VM's definition names a disk of the host. */
export type DiskSource =
  /** A path in /dev, or one elsewhere that may lead there. */
  | { readonly kind: "path"; readonly path: string }
  /** What a path turned out to be on the host: `block 253:2`. */
  | { readonly kind: "device"; readonly number: string }
  /** The address of a SCSI disk as the kernel numbers it: `host:channel:target:lun`. */
  | { readonly kind: "scsi"; readonly hctl: string }
  /** QEMU itself logs in; no disk of the host shows it. */
  | { readonly kind: "iscsi"; readonly target: string; readonly lun: string }
  | { readonly kind: "volume"; readonly pool: string; readonly volume: string };

/** A disk of a VM, and each file behind it. */
export interface VmDisk {
  /** `disk`, `host device`, or the element that names it: `qemu:commandline`. */
  readonly device: string;
  /** `sda` or `2:0:0:1`; null if it has none. */
  readonly name: string | null;
  readonly source: DiskSource;
}

export interface Definition {
  readonly uuid: string;
  readonly disks: readonly VmDisk[];
}

/**
 * The disks in a domain's XML, from every place where it may name one: disks with their backing chains and mirrors, host
 * devices, file systems, and arguments that are passed on to QEMU. A path in /dev counts wherever it stands, but in the
 * metadata, which libvirt keeps for others.
 */
export function* readingDefinition(xml: string): Stretches<Definition> {
  const reader = new DefinitionReader();
  yield* readingXml("virsh", xml, reader);
  const { uuid, disks } = reader;
  if (uuid === null) throw new OutputNotUnderstood("virsh", xml.trimStart().split("\n", 1)[0] ?? "", "a domain's XML");
  return { uuid, disks };
}

/** An element that stands for one device. */
interface Item {
  readonly element: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly sources: DiskSource[];
  target: string | null;
  adapter: ReadonlyMap<string, string> | null;
  address: ReadonlyMap<string, string> | null;
}

class DefinitionReader implements XmlReader {
  uuid: string | null = null;
  readonly disks: VmDisk[] = [];
  #item: Item | null = null;
  #depth = 0;

  opened(name: string, attributes: ReadonlyMap<string, string>, within: readonly string[]): void {
    if (within.length === 0 && name !== "domain") throw new OutputNotUnderstood("virsh", `<${name}`, "a domain's XML");
    if (within.length === 0 || isMetadata(name, within)) return;
    if (isItem(name, within)) {
      this.#item = { element: name, attributes, sources: [], target: null, adapter: null, address: null };
      this.#depth = within.length;
    }
    if (this.#item === null) return;
    read(this.#item, name, attributes, within.slice(this.#depth));
  }

  text(text: string, within: readonly string[]): void {
    if (within.length === 2 && within[1] === "uuid") this.uuid = text.trim();
    if (within[1] === "metadata" || !text.includes("/dev/")) return;
    this.#item?.sources.push(...devicePathsIn(text.trim()).map(pathSource));
  }

  closed(_name: string, within: readonly string[]): void {
    const item = this.#item;
    if (item === null || within.length !== this.#depth) return;
    this.#item = null;
    const all = [...item.sources, ...scsiAddressOf(item)];
    const known = new Set<string>();
    for (const source of all) {
      const key = JSON.stringify(source);
      if (!known.has(key)) this.disks.push({ ...nameOf(item, source), source });
      known.add(key);
    }
  }
}

const isMetadata = (name: string, within: readonly string[]): boolean =>
  within[1] === "metadata" || (within.length === 1 && name === "metadata");

/** A device, or what else the domain has beside its devices. */
const isItem = (name: string, within: readonly string[]): boolean =>
  within.length === 1 ? name !== "devices" : within.length === 2 && within[1] === "devices";

/** `above`: the open elements from the item on; none for the item itself. */
function read(item: Item, name: string, attributes: ReadonlyMap<string, string>, above: readonly string[]): void {
  for (const value of attributes.values()) item.sources.push(...devicePathsIn(value).map(pathSource));
  if (item.element.includes(":")) {
    for (const value of attributes.values()) item.sources.push(...iscsiIn(value));
  }
  if (name === "source") item.sources.push(...sourcesOf(attributes));
  const isOwn = above.length === 1;
  if (name === "target" && isOwn) item.target = attributes.get("dev") ?? null;
  const isOfSource = above.length === 2 && above[1] === "source";
  if (name === "adapter" && isOfSource) item.adapter = attributes;
  if (name === "address" && isOfSource) item.address = attributes;
}

const pathSource = (path: string): DiskSource => ({ kind: "path", path });

/** `<source protocol='iscsi' name='iqn.2026-11.lab.san:array1/3'>`, `<source pool='p' volume='v'/>`, `<source file='/a'/>` */
function sourcesOf(attributes: ReadonlyMap<string, string>): DiskSource[] {
  const [pool, volume, name] = ["pool", "volume", "name"].map((each) => attributes.get(each));
  const files = ["file", "dev", "dir"].flatMap((each) => absolutePath(attributes.get(each) ?? "") ?? []);
  return [
    ...files.map(pathSource),
    ...(pool === undefined || volume === undefined ? [] : [{ kind: "volume" as const, pool, volume }]),
    ...(attributes.get("protocol") !== "iscsi" || name === undefined ? [] : [iscsiSource(name)]),
  ];
}

/** libvirt takes LUN 0 if the name has no number. */
function iscsiSource(name: string): DiskSource {
  const [, target, lun] = /^(.*)\/(\d+)$/.exec(name) ?? [];
  return { kind: "iscsi", target: target ?? name, lun: numberText(lun ?? "0") };
}

/** `file=iscsi://10.0.0.1:3260/iqn.x/3`, `file.driver=iscsi,file.target=iqn.x,file.lun=3`, `{"driver":"iscsi","target":"iqn.x","lun":3}` */
function iscsiIn(value: string): DiskSource[] {
  if (!value.includes("iscsi")) return [];
  const urls = [...value.matchAll(/iscsi:\/\/[^/\s]*\/([^/\s,"]+)\/(\d+)/g)];
  const target = /\btarget"?\s*[=:]\s*"?([^",\s]+)/.exec(value)?.[1];
  const lun = /\blun"?\s*[=:]\s*"?(\d+)/.exec(value)?.[1] ?? "0";
  return [
    ...urls.map(
      ([, name = "", number = "0"]): DiskSource => ({
        kind: "iscsi",
        target: name,
        lun: numberText(number),
      }),
    ),
    ...(target === undefined ? [] : [{ kind: "iscsi" as const, target, lun: numberText(lun) }]),
  ];
}

/** A SCSI host device that is not iSCSI: `<adapter name='scsi_host2'/><address bus='0' target='0' unit='1'/>` */
function scsiAddressOf({ element, attributes, sources, adapter, address }: Item): DiskSource[] {
  if (element !== "hostdev" || attributes.get("type") !== "scsi") return [];
  if (sources.some(({ kind }) => kind === "iscsi")) return [];
  const host = /^(?:scsi_)?host(\d+)$/.exec(adapter?.get("name") ?? "")?.[1];
  const rest = ["bus", "target", "unit"].map((each) => /^\d+$/.exec(address?.get(each) ?? "")?.[0]);
  const hctl = [host, ...rest].flatMap((each) => (each === undefined ? [] : [numberText(each)]));
  if (hctl.length < 4) {
    throw new OutputNotUnderstood("virsh", "<hostdev type='scsi'>", "an adapter and an address");
  }
  return [{ kind: "scsi", hctl: hctl.join(":") }];
}

/** As the kernel prints it: a LUN's number has up to 64 bits. */
const numberText = (digits: string): string => BigInt(digits).toString();

function nameOf({ element, target }: Item, source: DiskSource): Pick<VmDisk, "device" | "name"> {
  if (element === "disk") return { device: "disk", name: target };
  if (element !== "hostdev") return { device: element, name: null };
  const name = source.kind === "scsi" ? source.hctl : source.kind === "iscsi" ? `${source.target}/${source.lun}` : null;
  return { device: "host device", name };
}

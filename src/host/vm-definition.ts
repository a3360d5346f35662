import { SaxesParser } from "saxes";
import { type CommandOutput, OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { DEFINITIONS, inUnits, LONGEST_DEFINITION } from "../core/limits.ts";
import { runInSlices, runToEnd, type Slices, withPartsParse, yieldToOthers } from "../core/parts.ts";
import { VIRSH } from "./libvirt.ts";

/** A VM's definition in libvirt: the running one, and the one for its next start. */
export interface VmDefinition {
  readonly uuid: string;
  /** None if the VM is gone. */
  readonly disks: readonly VmDisk[];
  /** Why some of its disks are not known. */
  readonly problem: string | null;
}

/** The number of VMs for one virsh: its start and connection take longer than a definition. */
export const VMS_A_READ = 20;

const WHEN = ["now", "next"] as const;
type When = (typeof WHEN)[number];

/**
 * The definitions of some VMs. virsh takes several commands in one argument and continues after a failed one. Its exit
 * code is that of the last command. So marks separate the answers:
 *
 *     vm 0 now
 *     <domain type='kvm' id='1'>
 *     …
 *     vm end
 *
 * If a definition contains such a mark, it is cut there and is not well-formed.
 */
export function readVmDefinitions(uuids: readonly string[]): ReadCommand<VmDefinition[]> {
  const commands = uuids.flatMap((uuid, place) => [
    ...[`echo vm ${place} now`, `dumpxml ${uuid}`],
    ...[`echo vm ${place} next`, `dumpxml --inactive ${uuid}`],
  ]);
  return {
    effect: "read",
    argv: [...VIRSH, "--readonly", [...commands, "echo vm end"].join("; ")],
    timeoutMs: 20_000,
    limits: DEFINITIONS,
    exitCodes: [0],
    parse: withPartsParse(
      (output: CommandOutput) => runToEnd(reading(uuids, output)),
      async (output) => {
        await yieldToOthers();
        return await runInSlices(reading(uuids, output));
      },
    ),
  };
}

function* reading(uuids: readonly string[], { stdout, stderr }: CommandOutput): Slices<VmDefinition[]> {
  const answers = answersIn(stdout);
  const definitions: VmDefinition[] = [];
  for (const [place, uuid] of uuids.entries()) {
    const disks = new Map<string, VmDisk>();
    let problem: string | null = null;
    for (const when of WHEN) {
      const answer = answers.get(`${place} ${when}`) ?? "";
      if (isGone(uuid, when, answer, stderr)) continue;
      try {
        const definition = yield* whole(uuid, answer, stderr);
        for (const disk of definition.disks) disks.set(JSON.stringify(disk), disk);
      } catch (error) {
        if (!(error instanceof OutputNotUnderstood)) throw error;
        problem ??= error.message;
      }
    }
    definitions.push({ uuid, disks: [...disks.values()], problem });
  }
  return definitions;
}

/** The text after each mark. If a mark comes twice, neither text is reliable. */
function answersIn(stdout: string): Map<string, string> {
  const marks = [...stdout.matchAll(/^vm (?:(\d+) (now|next)|end)\r?$/gm)];
  const last = marks.at(-1);
  if (last === undefined || last[1] !== undefined) {
    throw new OutputNotUnderstood("virsh", stdout.slice(-200).trim(), "vm end");
  }
  const answers = new Map<string, string>();
  for (const [place, mark] of marks.entries()) {
    const key = `${mark[1]} ${mark[2]}`;
    const answer = stdout.slice(mark.index + mark[0].length, marks[place + 1]?.index).trim();
    answers.set(key, answers.has(key) ? TWICE : answer);
  }
  return answers;
}
/** It is no XML. */
const TWICE = "two answers for one VM";

/**
 *     error: failed to get domain 'f1b9b5a3-c2a1-4c1d-9e0b-6d2d5a4c7c11'
 *     error: Requested operation is not valid: transient domains do not have any persistent config
 */
const isGone = (uuid: string, when: When, answer: string, stderr: string): boolean =>
  answer === "" &&
  (new RegExp(`failed to get domain '?${uuid}|no domain with matching uuid '?${uuid}`, "i").test(stderr) ||
    (when === "next" && /transient domains? do(?:es)? not have/.test(stderr)));

function* whole(uuid: string, answer: string, stderr: string): Slices<Definition> {
  if (answer === "") throw new OutputNotUnderstood("virsh", stderr.trim(), "a domain's XML");
  if (answer.length > LONGEST_DEFINITION) {
    const most = inUnits(LONGEST_DEFINITION);
    throw new OutputNotUnderstood("virsh", `${inUnits(answer.length)} of XML`, `a definition of at most ${most}`);
  }
  const definition = yield* readingDefinition(answer);
  if (definition.uuid !== uuid) throw new OutputNotUnderstood("virsh", definition.uuid, `the domain ${uuid}`);
  return definition;
}

/**
 * The definition from which a saved VM continues at its next start. Disks that were plugged in while it ran are in no
 * other definition. None if its state is gone. libvirt before 3.7 does not have this command.
 */
export const readSavedState = (uuid: string): ReadCommand<VmDefinition> => ({
  effect: "read",
  argv: [...VIRSH, "--readonly", "managedsave-dumpxml", "--domain", uuid],
  timeoutMs: 10_000,
  limits: { ...DEFINITIONS, bytes: LONGEST_DEFINITION },
  exitCodes: [0, 1],
  parse: ({ stdout, stderr, exitCode }) => {
    const none = { uuid, disks: [], problem: null };
    if (exitCode === 1 && /failed to get domain|does not have (?:a )?managed save/i.test(stderr)) return none;
    try {
      const { disks } = runToEnd(whole(uuid, exitCode === 1 ? "" : stdout.trim(), stderr));
      return { uuid, disks, problem: null };
    } catch (error) {
      if (!(error instanceof OutputNotUnderstood)) throw error;
      return { ...none, problem: error.message };
    }
  },
});

/** The form in which a VM's definition names a disk of the host. */
export type DiskSource =
  /** A path in /dev, or another path that may lead there. */
  | { readonly kind: "path"; readonly path: string }
  /** The device behind a path on the host: `block 253:2`. */
  | { readonly kind: "device"; readonly number: string }
  /** The address of a SCSI disk as the kernel numbers it: `host:channel:target:lun`. */
  | { readonly kind: "scsi"; readonly hctl: string }
  /** QEMU itself logs in; the host has no disk for it. */
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

interface Definition {
  readonly uuid: string;
  readonly disks: readonly VmDisk[];
}

/**
 * The disks in a domain's XML: disks with their backing chains and mirrors, host devices, file systems, and arguments
 * for QEMU. A path in /dev counts at every place, except in the metadata, which libvirt stores for other programs.
 */
function* readingDefinition(xml: string): Slices<Definition> {
  const reader = new DefinitionReader();
  yield* readingXml("virsh", xml, reader);
  const { uuid, disks } = reader;
  if (uuid === null) throw new OutputNotUnderstood("virsh", xml.trimStart().split("\n", 1)[0] ?? "", "a domain's XML");
  return { uuid, disks };
}

/** An element of one device. */
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

/** A device, or another part of the domain. */
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

/** The path without doubled slashes, `.` and `..`; null if it is not absolute. */
export function absolutePath(path: string): string | null {
  if (!path.startsWith("/")) return null;
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** Paths in /dev in a text: the whole text, or parts of it, as in `file=/dev/sdb,format=raw`. */
function devicePathsIn(text: string): string[] {
  const whole = absolutePath(text);
  const parts = text.includes("/dev/") ? (text.match(/(?<![\w./-])\/+dev\/[^\s,"'\\]+/g) ?? []) : [];
  const paths = [whole, ...parts.map(absolutePath)].filter((path) => path?.startsWith("/dev/") === true);
  return [...new Set(paths)].filter((path) => path !== null);
}

/**
 * Receives the parts of an XML document while it is parsed. `within`: the names of the open elements, the outermost
 * first.
 */
export interface XmlReader {
  opened(name: string, attributes: ReadonlyMap<string, string>, within: readonly string[]): void;
  /** Of the innermost open element, or of a part of it. */
  text(text: string, within: readonly string[]): void;
  closed(name: string, within: readonly string[]): void;
}

/** How deep elements are nested. */
const DEEPEST = DEFINITIONS.depth;
/** One stretch takes some milliseconds. */
const A_STRETCH = 32 * 1024;

/**
 * Parses one complete document. Throws an `OutputNotUnderstood` if it is not well-formed, is cut off, or has a document
 * type: a document type can define entities.
 */
export function* readingXml(program: string, document: string, reader: XmlReader): Slices<void> {
  const within: string[] = [];
  const refuse = (line: string, expected: string): never => {
    throw new OutputNotUnderstood(program, line, expected);
  };
  const parser = new SaxesParser({ position: true });
  parser.on("error", ({ message }) => {
    const why = message.replace(/^\d+:\d+: |\.$/g, "");
    refuse(lineAt(document, parser.line), `well-formed XML (${why})`);
  });
  parser.on("doctype", (doctype) => refuse(`<!DOCTYPE${doctype}`, "XML without a document type"));
  parser.on("opentag", ({ name, attributes }) => {
    if (within.length === DEEPEST) refuse(`<${name}`, `XML with at most ${DEEPEST} levels`);
    reader.opened(name, new Map(Object.entries(attributes)), within);
    within.push(name);
  });
  const text = (said: string) => reader.text(said, within);
  parser.on("text", text);
  parser.on("cdata", text);
  parser.on("closetag", ({ name }) => {
    within.pop();
    reader.closed(name, within);
  });
  for (let from = 0; from < document.length; from += A_STRETCH) {
    parser.write(document.slice(from, from + A_STRETCH));
    yield;
  }
  parser.close();
}

const lineAt = (document: string, line: number): string => document.split("\n", line)[line - 1]?.trim() ?? "";

import { wwnOf } from "../san/devices.ts";
import { scsiHostOf, sessionOn, targetNamed } from "../san/iscsi.ts";
import { complained, type Place, type Program } from "../san/program.ts";

/**
 * The name of a disk that the kernel read when it appeared: hexadecimal digits, or its vendor's text. null if there is
 * no such disk.
 */
function nameKept(disk: string, { host }: Place): string | null {
  if (disk === host.localDisk.device) return host.localDisk.wwn.slice(2);
  const path = host.paths.find(({ device }) => device === disk);
  return path === undefined ? null : wwnOf(path.wwid).replace(/^0x/, "");
}

/** `od -An -v -tx1 -- /sys/block/sdX/device/vpd_pg83`, or `vpd_pg80`: the LUN's name of type NAA and the port, or its serial. */
export const od: Program = ([...args], place) => {
  const file = args.at(-1) ?? "";
  if (args.slice(0, -1).join(" ") !== "-An -v -tx1 --") {
    return complained("od: only -An -v -tx1 -- FILE is simulated\n");
  }
  const [, disk, page] = /^\/sys\/block\/(sd[a-z]+)\/device\/vpd_pg(80|83)$/.exec(file) ?? [];
  const name = disk === undefined ? null : nameKept(disk, place);
  if (disk === undefined || name === null) return complained(`od: ${file}: No such file or directory\n`);
  const bytes =
    page === "80" ? hexOf(serialOf(disk, place)) : [...nameDescriptor(name), ...portDescriptor(disk, place)];
  const lines = linesOf(["00", page ?? "83", "00", hex(bytes.length), ...bytes]);
  return { stdout: lines.map((line) => ` ${line.join(" ")}\n`).join(""), stderr: "", exitCode: 0 };
};

const hex = (value: number) => value.toString(16).padStart(2, "0");
const hexOf = (text: string) => [...text].map((character) => hex(character.charCodeAt(0)));

function nameDescriptor(name: string): string[] {
  if (name.startsWith("t10.")) {
    const text = hexOf(name.slice("t10.".length));
    return ["02", "01", "00", hex(text.length), ...text];
  }
  const bytes = name.match(/../g) ?? [];
  return ["01", "03", "00", hex(bytes.length), ...bytes];
}

/** The portal group over iSCSI, else the target of the path. tgt reports none, because its LUNs have no other name. */
function portDescriptor(disk: string, { host, san }: Place): string[] {
  const path = host.paths.find(({ device }) => device === disk);
  if (path === undefined || san.lun(path.wwid).vendor === "IET") return [];
  const session = sessionOn(host, scsiHostOf(path.hctl));
  const port = session?.group ?? Number(path.hctl.split(":")[2]) + 1;
  return ["61", "94", "00", "04", "00", "00", "00", hex(port)];
}

function serialOf(disk: string, { host, san }: Place): string {
  const path = host.paths.find(({ device }) => device === disk);
  if (path === undefined) return host.localDisk.serial;
  const session = sessionOn(host, scsiHostOf(path.hctl));
  const offered = targetNamed(san, session?.target ?? "")?.luns.find(({ wwid }) => wwid === path.wwid);
  return offered?.serial ?? path.wwid.slice(-16);
}

const linesOf = (page: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(page.length / 16) }, (_line, index) => page.slice(index * 16, index * 16 + 16));

import { mapperName, mapperUuid } from "../san/devices.ts";
import { viewOf } from "../san/host-view.ts";
import { readOptions } from "../san/options.ts";
import { complained, type Place, type Program, printed, type Result } from "../san/program.ts";
import type { SanFill, SanHost } from "../san/san-state.ts";
import { opensOf } from "../san/san-users.ts";
import { spaceOf } from "./host-leases.ts";
import { lockVolume } from "./start-lockspace.ts";

interface Mapped {
  readonly name: string;
  readonly uuid: string;
  readonly open: number;
  readonly minor: number;
}
const fields: Readonly<Record<string, (mapped: Mapped) => string>> = {
  name: ({ name }) => name,
  uuid: ({ uuid }) => uuid,
  open: ({ open }) => String(open),
  major: () => "253",
  minor: ({ minor }) => String(minor),
};

/**
 * `dmsetup status --noflush --target thin-pool|snapshot`: one line for each active volume of that kind. LVM's layer `-tpool`
 * is the pool.
 */
function status(options: ReturnType<typeof readOptions>, { san, host, root }: Place): Result {
  const target = options.given.get("target");
  if (!options.given.has("noflush") || target === undefined) {
    return complained("dmsetup: only status --noflush --target TARGET is simulated\n");
  }
  if (!root) return notRoot;
  const lines = host.activeVolumes.flatMap(({ volumeGroupUuid, name }) => {
    const group = san.volumeGroup(volumeGroupUuid);
    const volume = group.logicalVolumes.find((one) => one.name === name);
    if (volume?.fill?.kind !== target) return [];
    const layer = target === "thin-pool" ? "-tpool" : "";
    const text = fillText(volume.fill, volume.sizeBytes);
    return `${mapperName(group.name, name)}${layer}: 0 ${volume.sizeBytes / SECTOR} ${target} ${text}\n`;
  });
  return printed(lines.join(""));
}

const SECTOR = 512;
const POOL_BLOCK = 64 * 1024;
const METADATA_BLOCKS = 1024;

function fillText(fill: SanFill, sizeBytes: number): string {
  const part = (percent: number, total: number) => `${Math.ceil((percent * total) / 100)}/${total}`;
  if (fill.kind === "snapshot")
    return fill.isValid ? `${part(fill.percent, sizeBytes / SECTOR)} ${Math.ceil(fill.percent)}` : "Invalid";
  if (fill.mode === "Fail") return "Fail";
  const data = part(fill.dataPercent, Math.floor(sizeBytes / POOL_BLOCK));
  const metadata = part(fill.metadataPercent, METADATA_BLOCKS);
  return `1 ${metadata} ${data} - ${fill.mode} discard_passdown queue_if_no_space - 1024`;
}

const notRoot = complained(
  "/dev/mapper/control: open failed: Permission denied\nFailure to communicate with kernel device-mapper driver.\n",
);

/** `dmsetup info -c --noheadings --separator : -o FIELD,…`: maps and active logical volumes. */
export const dmsetup: Program = (args, place) => {
  const options = readOptions(
    args,
    {
      ...({ columns: "flag", noheadings: "flag", separator: "value", options: "value" } as const),
      ...({ noflush: "flag", target: "value" } as const),
    },
    { c: "columns", C: "columns", o: "options" },
  );
  const [command] = options.operands;
  if (options.complaint !== null) return complained(`dmsetup: ${options.complaint}\nCouldn't process command line.\n`);
  if (command === "status") return status(options, place);
  if (command !== "info" || !options.given.has("columns") || !options.given.has("noheadings")) {
    return complained("dmsetup: only info -c --noheadings is simulated\n");
  }
  if (!place.root) return notRoot;
  const names = (options.given.get("options") ?? "name,uuid,open").split(",");
  const unknown = names.find((name) => !(name in fields));
  if (unknown !== undefined) return complained(`Unrecognised field: ${unknown}\nCommand failed.\n`);
  const separator = options.given.get("separator") ?? " ";
  const rows = mapped(place).map((each) => names.map((name) => fields[name]?.(each) ?? "").join(separator));
  return printed(rows.length === 0 ? "No devices found\n" : rows.map((row) => `${row}\n`).join(""));
};

function mapped({ san, host }: Place): Mapped[] {
  const devices = [...viewOf(san, host).byKernelName.values()];
  const maps = devices
    .filter((device) => device.map !== null)
    .map((device): Mapped => {
      const users = device.children.length + (device.mountPoint === null ? 0 : 1) + Number(device.isExported);
      const open = users + opensOf(host, device.wwid ?? "").length + hiddenOpens(host, device.wwid ?? "");
      return { name: device.name, uuid: `mpath-${device.wwid}`, open, minor: device.majorMinor[1] };
    });
  const volumes = host.activeVolumes.map(({ volumeGroupUuid, name, openCount, minor }): Mapped => {
    const group = san.volumeGroup(volumeGroupUuid);
    const bySanlock = name === lockVolume && sanlockKeepsOpen(host, volumeGroupUuid);
    return {
      name: mapperName(group.name, name),
      uuid: mapperUuid(group.uuid, name),
      open: openCount + Number(bySanlock),
      minor,
    };
  });
  return [...maps, ...volumes].sort((a, b) => (a.name < b.name ? -1 : 1));
}

const hiddenOpens = (host: SanHost, wwid: string): number =>
  host.hiddenOpens.filter((one) => one === wwid).length + host.loops.filter((one) => one.wwid === wwid).length;

const sanlockKeepsOpen = (host: SanHost, volumeGroupUuid: string): boolean =>
  host.lockspaces.some((one) => one.volumeGroupUuid === volumeGroupUuid && spaceOf(host, one, Date.now()) !== "gone");

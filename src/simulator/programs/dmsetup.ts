import { mapperName, mapperUuid } from "../san/devices.ts";
import { viewOf } from "../san/host-view.ts";
import { readOptions } from "../san/options.ts";
import { complained, type Place, type Program, printed } from "../san/program.ts";
import type { SanHost } from "../san/san-state.ts";
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

/** `dmsetup info -c --noheadings --separator : -o FIELD,…`: maps and active logical volumes. */
export const dmsetup: Program = (args, place) => {
  const options = readOptions(
    args,
    { columns: "flag", noheadings: "flag", separator: "value", options: "value" },
    { c: "columns", C: "columns", o: "options" },
  );
  const [command] = options.operands;
  if (options.complaint !== null) return complained(`dmsetup: ${options.complaint}\nCouldn't process command line.\n`);
  if (command !== "info" || !options.given.has("columns") || !options.given.has("noheadings")) {
    return complained("dmsetup: only info -c --noheadings is simulated\n");
  }
  if (!place.root) {
    return complained(
      "/dev/mapper/control: open failed: Permission denied\nFailure to communicate with kernel device-mapper driver.\n",
    );
  }
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

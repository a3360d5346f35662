import type { Device } from "../san/devices.ts";
import { viewOf } from "../san/host-view.ts";
import type { Place } from "../san/program.ts";
import { findFile } from "./file-tree.ts";
import type { Settings } from "./lvm-settings-in-force.ts";

/** Which devices LVM's settings let it use. */

const DEVICES_FILE = "/etc/lvm/devices/system.devices";

/** With a devices file, LVM ignores `filter`; without one, `filter` counts. `global_filter` always counts. */
export function mayUse(device: Device, settings: Settings, place: Place): boolean {
  const names = namesOf(device, place);
  const listed = devicesFile(settings, place);
  return (
    accepts(settings.get("devices/global_filter"), names) &&
    (listed === null ? accepts(settings.get("devices/filter"), names) : listed.content.includes(entryOf(device)))
  );
}

/** What becomes a physical volume is added on the host that makes it one, and only there. */
export function noteDevice(device: Device, settings: Settings, place: Place): void {
  const listed = devicesFile(settings, place);
  if (listed === null || listed.content.includes(entryOf(device))) return;
  listed.content += `${entryOf(device)} DEVNAME=${namesOf(device, place)[0]} PVID=none\n`;
}

/** null if LVM does not use one. */
const devicesFile = (settings: Settings, { host }: Place) =>
  settings.get("devices/use_devicesfile") === "1" ? findFile(host, DEVICES_FILE) : null;

const entryOf = (device: Device): string =>
  device.map
    ? `IDTYPE=mpath_uuid IDNAME=mpath-${device.wwid}`
    : device.wwid === null
      ? `IDTYPE=devname IDNAME=/dev/${device.kernelName}`
      : `IDTYPE=sys_wwid IDNAME=naa.${device.wwid.slice(1)}`;

function namesOf(device: Device, { san, host }: Place): string[] {
  const links = viewOf(san, host).linksTo.get(device.kernelName) ?? [];
  return [
    device.kernelName.startsWith("dm-") ? `/dev/mapper/${device.name}` : `/dev/${device.kernelName}`,
    ...links.map((name) => `/dev/disk/by-id/${name}`),
  ];
}

/** `["a|^/dev/mapper/|", "r|.*|"]`: of each name the first pattern counts that fits; what none fits is accepted. */
function accepts(filter: string | undefined, names: readonly string[]): boolean {
  const rules = rulesOf(filter ?? "");
  const verdicts = names.flatMap((name) => rules.find(({ pattern }) => pattern.test(name))?.accepted ?? []);
  return verdicts.length === 0 || verdicts.includes(true);
}

interface Rule {
  readonly accepted: boolean;
  readonly pattern: RegExp;
}

/** The last filter and its rules: a scan asks for each of its devices. */
let last: { readonly filter: string; readonly rules: readonly Rule[] } = { filter: "", rules: [] };

function rulesOf(filter: string): readonly Rule[] {
  if (last.filter !== filter) {
    const rules = Array.from(filter.matchAll(/"([ar])(.)(.*?)\2"/g), ([, kind, , pattern = ""]) => ({
      accepted: kind === "a",
      pattern: new RegExp(pattern),
    }));
    last = { filter, rules };
  }
  return last.rules;
}

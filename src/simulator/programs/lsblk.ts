import { type Device, majorMinorText } from "../san/devices.ts";
import { viewOf } from "../san/host-view.ts";
import { readOptions } from "../san/options.ts";
import { complained, type Program, printed } from "../san/program.ts";

const columns: Readonly<Record<string, (device: Device) => string | number | boolean | null>> = {
  NAME: (device) => device.name,
  KNAME: (device) => device.kernelName,
  "MAJ:MIN": majorMinorText,
  TYPE: (device) => device.type,
  SIZE: (device) => device.sizeBytes,
  FSTYPE: (device) => device.fileSystem,
  LABEL: (device) => device.label,
  UUID: (device) => device.uuid,
  MOUNTPOINT: (device) => device.mountPoint,
  RO: () => false,
  "LOG-SEC": (device) => device.logicalSectorBytes,
  WWN: (device) => device.disk?.wwn ?? null,
  // As the kernel gives it, filled up to eight characters.
  VENDOR: (device) => device.disk?.vendor.padEnd(8) ?? null,
  MODEL: (device) => device.disk?.model ?? null,
  HCTL: (device) => device.disk?.hctl ?? null,
  TRAN: (device) => device.disk?.transport ?? null,
};

/** `lsblk -J -b -o …`, and `lsblk -d -n -r -b -o …`: a line for each disk. Nothing here reads the tree. */
export const lsblk: Program = (args, { san, host }) => {
  const options = readOptions(
    args,
    { json: "flag", bytes: "flag", all: "flag", output: "value", nodeps: "flag", noheadings: "flag", raw: "flag" },
    { J: "json", b: "bytes", a: "all", o: "output", d: "nodeps", n: "noheadings", r: "raw" },
  );
  if (options.complaint !== null) {
    return complained(`lsblk: ${options.complaint}\nTry 'lsblk --help' for more information.\n`);
  }
  const asLines = ["nodeps", "noheadings", "raw"].every((name) => options.given.has(name));
  if (options.given.has("json") === asLines || !options.given.has("bytes")) {
    return complained("lsblk: only --json, or --nodeps --noheadings --raw, with --bytes is simulated\n");
  }
  const names = (options.given.get("output") ?? "NAME,MAJ:MIN,SIZE,RO,TYPE,MOUNTPOINT").toUpperCase().split(",");
  const unknown = names.find((name) => !(name in columns));
  if (unknown !== undefined) return complained(`lsblk: unknown column: ${unknown}\n`);
  // A device of size 0 is omitted, with everything on top of it.
  const isShown = (device: Device) => options.given.has("all") || device.sizeBytes > 0;
  if (asLines) {
    const line = (device: Device) => names.map((name) => columns[name]?.(device) ?? "").join(" ");
    return printed(
      viewOf(san, host)
        .disks.filter(isShown)
        .map((disk) => `${line(disk)}\n`)
        .join(""),
    );
  }
  const known = new Map<Device, unknown>();
  const row = (device: Device): unknown => {
    // Each path of a map shows the map again; one object serves them all.
    const before = known.get(device);
    if (before !== undefined) return before;
    const made = {
      ...Object.fromEntries(names.map((name) => [name.toLowerCase(), columns[name]?.(device) ?? null])),
      ...(device.children.length > 0 ? { children: device.children.filter(isShown).map(row) } : {}),
    };
    known.set(device, made);
    return made;
  };
  return printed(`${JSON.stringify({ blockdevices: viewOf(san, host).disks.filter(isShown).map(row) }, null, 3)}\n`);
};

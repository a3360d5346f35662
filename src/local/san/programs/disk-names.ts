import { wwnOf } from "../devices.ts";
import { complained, type Place, type Program } from "../program.ts";

/** The name that the kernel has kept of a disk since it came, in hexadecimal digits; null where there is no such disk. */
function nameKept(disk: string, { host }: Place): string | null {
  if (disk === host.localDisk.device) return host.localDisk.wwn.slice(2);
  const path = host.paths.find(({ device }) => device === disk);
  return path === undefined ? null : wwnOf(path.wwid).slice(2);
}

/** `od -An -v -tx1 -- /sys/block/sdX/device/vpd_pg83`: one descriptor, the LUN's own name of type NAA. */
export const od: Program = ([...args], place) => {
  const file = args.at(-1) ?? "";
  if (args.slice(0, -1).join(" ") !== "-An -v -tx1 --") {
    return complained("od: only -An -v -tx1 -- FILE is simulated\n");
  }
  const disk = /^\/sys\/block\/(sd[a-z]+)\/device\/vpd_pg83$/.exec(file)?.[1];
  const name = disk === undefined ? null : nameKept(disk, place);
  if (name === null) return complained(`od: ${file}: No such file or directory\n`);
  const bytes = name.match(/../g) ?? [];
  const hex = (value: number) => value.toString(16).padStart(2, "0");
  const page = ["00", "83", "00", hex(bytes.length + 4), "01", "03", "00", hex(bytes.length), ...bytes];
  const lines = Array.from({ length: Math.ceil(page.length / 16) }, (_line, index) =>
    page.slice(index * 16, index * 16 + 16),
  );
  return { stdout: lines.map((line) => ` ${line.join(" ")}\n`).join(""), stderr: "", exitCode: 0 };
};

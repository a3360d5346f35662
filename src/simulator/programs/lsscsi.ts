import type { Device } from "../san/devices.ts";
import { viewOf } from "../san/host-view.ts";
import { readOptions } from "../san/options.ts";
import { complained, type Program, printed } from "../san/program.ts";

/** `[0:0:0:3]    disk    DELL     MD32xx           0784  /dev/sdd   2.19TB` */
export const lsscsi: Program = (args, { san, host }) => {
  const options = readOptions(args, { size: "flag" }, { s: "size" });
  if (options.complaint !== null)
    return complained(`lsscsi: ${options.complaint}\nUsage: lsscsi   [--size] [<h:c:t:l>]\n`);
  const rows = viewOf(san, host).disks.flatMap((device) =>
    device.disk ? [{ device, disk: device.disk, order: addressOrder(device.disk.hctl) }] : [],
  );
  rows.sort((a, b) => a.order - b.order);
  return printed(
    rows
      .map(({ device, disk }) => {
        const words = [
          `[${disk.hctl}]`.padEnd(12),
          "disk".padEnd(7),
          disk.vendor.padEnd(8),
          disk.model.slice(0, 16).padEnd(16),
          `${disk.revision.padEnd(4)} `,
          `/dev/${device.kernelName}`.padEnd(9),
        ];
        return `${words.join(" ")}${options.given.has("size") ? ` ${decimalSize(device).padStart(7)}` : ""}\n`;
      })
      .join(""),
  );
};

/** Sorts addresses by their four numbers; each is below 65,536 here. */
const addressOrder = (hctl: string): number =>
  hctl.split(":").reduce((sum, number) => sum * 65_536 + Number(number), 0);

/** Three figures, in powers of 1000: `2.19TB`, `21.4GB`, `107GB`. Cut off, not rounded, as lsscsi does. */
function decimalSize({ sizeBytes }: Device): string {
  let size = sizeBytes;
  let unit = -1;
  while (size >= 1000 && unit < 4) {
    size /= 1000;
    unit += 1;
  }
  const decimals = size < 10 ? 2 : size < 100 ? 1 : 0;
  const figures = (Math.floor(size * 10 ** decimals) / 10 ** decimals).toFixed(decimals);
  return `${figures}${unit < 0 ? "B" : `${"kMGTP".charAt(unit)}B`}`;
}

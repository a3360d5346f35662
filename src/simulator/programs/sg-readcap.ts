import { viewOf } from "../san/host-view.ts";
import { readOptions } from "../san/options.ts";
import { complained, type Program, printed, type Result } from "../san/program.ts";

/** More blocks than READ CAPACITY (10) can report. */
const tooLarge = "READ CAPACITY (10) indicates device capacity too large\n  now trying 16 byte cdb variant\n";

/** `sg_readcap --brief [--readonly] /dev/sdX`: the array's answer, independent of the kernel's view. */
export const sgReadcap: Program = (args, { san, host, root }) => {
  const options = readOptions(args, { brief: "flag", readonly: "flag" }, { b: "brief", R: "readonly" });
  const [path] = options.operands;
  if (options.complaint !== null || path === undefined || !options.given.has("brief")) {
    return complained(`sg_readcap: ${options.complaint ?? "only --brief DEVICE is simulated"}\n`, 1);
  }
  const device = viewOf(san, host).find(path);
  if (!device) return notOpened(path, "No such file or directory", 52);
  if (!root) return notOpened(path, "Permission denied", 63);
  if (device.path === null) return complained("sg_readcap: only a path of a LUN is simulated\n", 1);
  switch (device.path.state) {
    case "running": {
      const { sizeBytes, logicalSectorBytes } = san.lun(device.path.wwid);
      const blocks = sizeBytes / logicalSectorBytes;
      return printed(
        `${blocks > 0xffffffff ? tooLarge : ""}0x${blocks.toString(16)} 0x${logicalSectorBytes.toString(16)}\n`,
      );
    }
    case "unmapped":
      return unanswered("Illegal request", 5);
    case "failed":
      return unanswered("Transport error", 35);
    case "offline":
      return notOpened(path, "No such device or address", 56);
  }
};

const notOpened = (path: string, why: string, exitCode: number): Result =>
  complained(`sg_readcap: error opening file: ${path}: ${why}\nsg_readcap failed: ${why}\n`, exitCode);

const unanswered = (why: string, exitCode: number): Result => ({
  stdout: "0x0 0x0\n",
  stderr: `READ CAPACITY (10) failed: ${why}\nsg_readcap failed: ${why}\n`,
  exitCode,
});

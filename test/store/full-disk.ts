import { readlinkSync } from "node:fs";
import { open } from "node:fs/promises";

const writers = ["write", "writev", "writeFile", "appendFile"] as const;

/** A folder on a disk that can be full: half of what is written arrives, and the rest is refused as the kernel does. */
export interface Disk {
  fills(): void;
  /** It is full once a text that matches was written. */
  fillsAfter(pattern: RegExp): void;
  hasRoom(): void;
  /** Everything goes to the real disk again. */
  restore(): void;
}

/** Is between this process's files below `directory` and the disk. */
export async function diskOf(directory: string): Promise<Disk> {
  const handle = await open(process.execPath, "r");
  const prototype: Record<string, unknown> = Object.getPrototypeOf(handle);
  await handle.close();
  const originals = new Map<string, unknown>();
  let full = false;
  let last: RegExp | null = null;
  for (const name of writers) {
    const original = prototype[name];
    if (typeof original !== "function") throw new Error(`a file handle has no ${name}`);
    originals.set(name, original);
    prototype[name] = async function (this: { readonly fd: number }, ...args: unknown[]) {
      const [data] = args;
      const path = readlinkSync(`/proc/self/fd/${this.fd}`);
      // What the simulated hosts keep there is on disks of their own.
      if (!path.startsWith(directory) || path.includes("/simulated-")) return original.apply(this, args);
      if (!full) {
        full = last?.test(String(data)) === true;
        if (full) last = null;
        return original.apply(this, args);
      }
      if (Buffer.isBuffer(data)) await original.call(this, data.subarray(0, Math.floor(data.length / 2)));
      throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC", errno: -28 });
    };
  }
  return {
    fills: () => {
      full = true;
    },
    fillsAfter: (pattern) => {
      last = pattern;
    },
    hasRoom: () => {
      full = false;
    },
    restore: () => {
      for (const [name, original] of originals) prototype[name] = original;
    },
  };
}

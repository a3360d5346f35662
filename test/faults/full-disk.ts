import { existsSync } from "node:fs";
import { createRequire, syncBuiltinESMExports } from "node:module";
import "./clock-ahead.ts";
import "./witness.ts";

// Loaded into the bot's process before the bot. While the file FULL_DISK is there, the disk is full: what is written goes
// in half at most, and no file is made. The kernel does so too.
const require = createRequire(import.meta.url);
const fs: typeof import("node:fs") = require("node:fs");
const control = process.env.FULL_DISK ?? "";

const isFull = (): boolean => control !== "" && existsSync(control);
const noSpace = (call: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`ENOSPC: no space left on device, ${call}`), { code: "ENOSPC", errno: -28, syscall: call });

type Callback = (error: Error | null, ...rest: unknown[]) => void;
const callbackOf = (args: unknown[]): Callback => {
  const last = args.at(-1);
  return typeof last === "function" ? (last as Callback) : () => undefined;
};

const write = fs.write as (...args: unknown[]) => void;
Object.assign(fs, {
  write: (...args: unknown[]) => {
    if (!isFull() || process.stdout.fd === args[0] || process.stderr.fd === args[0]) return write(...args);
    process.nextTick(callbackOf(args), noSpace("write"));
  },
});
const open = fs.open as (...args: unknown[]) => void;
Object.assign(fs, {
  open: (...args: unknown[]) => {
    if (!isFull() || !makes(args[1])) return open(...args);
    process.nextTick(callbackOf(args), noSpace("open"));
  },
});
const makes = (flags: unknown): boolean =>
  typeof flags === "string" ? /[wax]/.test(flags) : typeof flags === "number" && (flags & fs.constants.O_CREAT) !== 0;

const handle = await fs.promises.open(process.execPath, "r");
const prototype = Object.getPrototypeOf(handle);
await handle.close();
for (const name of ["write", "writev", "writeFile", "appendFile"]) {
  const original: (this: unknown, ...args: unknown[]) => Promise<unknown> = prototype[name];
  prototype[name] = async function (this: unknown, ...args: unknown[]) {
    if (!isFull()) return original.apply(this, args);
    const [data] = args;
    // The part that still fitted is there, cut.
    if (Buffer.isBuffer(data)) await original.call(this, data.subarray(0, Math.floor(data.length / 2)));
    throw noSpace("write");
  };
}
syncBuiltinESMExports();

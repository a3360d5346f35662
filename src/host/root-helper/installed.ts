import { change } from "../../core/change.ts";
import { OutputNotUnderstood, type ReadCommand } from "../../core/host-command.ts";
import { ONE } from "../../core/limits.ts";

/** The file that sudoers allows. */
export const ROOT_HELPER = "/usr/local/sbin/zstack-chatops-run";
const HELPER_FOLDER = "/usr/local/sbin";

/** SHA-256 of a host's root helper, in hexadecimal digits; null if the host has none. */
export const readHelperDigest: ReadCommand<string | null> = {
  effect: "read",
  argv: ["sha256sum", "--", ROOT_HELPER],
  timeoutMs: 10_000,
  limits: ONE,
  exitCodes: [0, 1],
  parse: ({ stdout, stderr, exitCode }) => {
    const digest = /^([0-9a-f]{64}) /.exec(stdout)?.[1];
    if (exitCode === 0 && digest !== undefined) return digest;
    if (stderr.includes("No such file or directory")) return null;
    throw new OutputNotUnderstood("sha256sum", `${stdout}${stderr}`.trim(), `the digest of ${ROOT_HELPER}, or no file`);
  },
};

/**
 * Whether the login user may write the root helper. A user that sudo allows only the root helper may not: the root
 * helper refuses this command.
 */
export const mayWriteHelper: ReadCommand<boolean> = {
  effect: "read",
  argv: ["test", "-w", HELPER_FOLDER],
  timeoutMs: 10_000,
  limits: ONE,
  exitCodes: [0, 1],
  parse: ({ exitCode }) => exitCode === 0,
};

/** `mode` in octal, `0755`. */
export const setMode = (path: string, mode: string) => change(["chmod", mode, "--", path], { timeoutMs: 10_000 });

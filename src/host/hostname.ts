import { type HostCommand, OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { FEW } from "../core/limits.ts";

/** The name that is given to the kernel at boot; the file may hold comments. */
export const STATIC_HOSTNAME = "/etc/hostname";

export const staticHostname = (text: string | null): string | null =>
  (text ?? "")
    .split(/\r?\n/)
    .find((line) => line.trim() !== "" && !line.startsWith("#"))
    ?.trim() ?? null;

/** Now and at every boot. */
export const setHostname = (name: string): HostCommand<null, "change"> => ({
  effect: "change",
  argv: ["hostnamectl", "set-hostname", name],
  timeoutMs: 30_000,
  exitCodes: [0],
  parse: () => null,
});

/** The addresses of all interfaces but the loopback, in no order that means anything. */
export const listAddresses: ReadCommand<string[]> = {
  effect: "read",
  argv: ["hostname", "--all-ip-addresses"],
  timeoutMs: 10_000,
  limits: FEW,
  exitCodes: [0],
  parse: ({ stdout }) => stdout.split(/\s+/).filter(Boolean).map(address),
};

function address(word: string): string {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(word) || /^[0-9a-f]*:[0-9a-f:.]+$/i.test(word)) return word;
  throw new OutputNotUnderstood("hostname", word, "an IP address");
}

import { check } from "../core/check.ts";
import { named } from "../core/host-text.ts";
import type { Host } from "../core/inventory.ts";
import { type Reason, reason } from "../core/refusal.ts";
import { readHostname, setHostname, staticHostname } from "../host/hostname.ts";
import type { Difference } from "./difference.ts";

/** `atBoot`: the text of /etc/hostname. */
export function hostnameDifference(host: Host, now: string, atBoot: string | null): Difference[] {
  const next = staticHostname(atBoot);
  if (now === host.name && next === host.name) return [];
  const proof = check(readHostname, (name) => (name === host.name ? null : `calls itself ${named(name)}`));
  return [
    {
      host,
      what: "hostname",
      now: next === now ? named(now) : `${named(now)}, at boot ${next === null ? "none" : named(next)}`,
      wanted: host.name,
      steps: [
        { host, command: setHostname(host.name), why: "the name it is registered with" },
        { host, check: proof, why: "proves that it has the name" },
      ],
    },
  ];
}

/** systemd accepts only such a hostname. */
const HOSTNAME = /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/;

export const hostnameReasons = ({ name }: Host): Reason[] =>
  HOSTNAME.test(name)
    ? []
    : [
        reason(
          "WRONG_ARGUMENTS",
          `${name} can't be a hostname, which has letters, digits, dashes and dots only`,
          "register the host by another name",
        ),
      ];

import { z } from "zod";

const ports = { "syslog+tls:": 6514, "syslog+tcp:": 601 } as const;
const isKnown = (protocol: string): protocol is keyof typeof ports => Object.hasOwn(ports, protocol);

interface SyslogAddress {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
}

function syslogAddressIn(text: string): SyslogAddress | null {
  if (!URL.canParse(text)) return null;
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(text);
  if (!isKnown(protocol) || hostname === "" || (pathname !== "" && pathname !== "/")) return null;
  if (username + password + search + hash !== "" || port === "0") return null;
  const host = hostname.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  return { host, port: port === "" ? ports[protocol] : Number(port), isTls: protocol === "syslog+tls:" };
}

/** `AUDIT_SYSLOG`. Without a port it is 6514 for TLS and 601 for TCP, as IANA assigned them. */
export const syslogValue = z
  .string()
  .transform((text) => syslogAddressIn(text.trim()))
  .refine(
    (address) => address !== null,
    "must be an address such as syslog+tls://log.example.org:6514 or syslog+tcp://…",
  )
  .optional();

/** `AUDIT_WEBHOOK`. The signature proves who sends, so that user and password are not needed. */
export const webhookValue = z
  .string()
  .transform((text) => text.trim())
  .refine(isWebhook, "must be an address such as https://log.example.org/audit, without user and password")
  .optional();

function isWebhook(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, hash } = new URL(text);
  return ["http:", "https:"].includes(protocol) && username + password + hash === "";
}

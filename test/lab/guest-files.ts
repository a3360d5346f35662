import { createHash } from "node:crypto";
import { gatewayAddress, targetName } from "./array.ts";
import type { ArchiveFile } from "./cpio.ts";
import { type GuestDesign, guestDesigns } from "./designs.ts";
import { luns } from "./luns.ts";

export interface GuestKeys {
  /** The host key of the guest. */
  readonly hostKey: string;
  /** The public key of the client that may log in. */
  readonly authorized: string;
}

/** The files of one guest. The shared image gets them at its first boot. */
export function guestFiles(design: GuestDesign, keys: GuestKeys, portalPorts: readonly number[]): ArchiveFile[] {
  const machineId = createHash("sha256").update(design.name).digest("hex").slice(0, 32);
  const hosts = ["127.0.0.1 localhost", ...guestDesigns.map(({ name }) => `127.0.1.1 ${name}`)];
  const texts: [path: string, text: string, mode?: number][] = [
    ["etc/hostname", design.name],
    ["etc/hosts", hosts.join("\n")],
    ["etc/machine-id", machineId],
    ["etc/ssh/ssh_host_ed25519_key", keys.hostKey.trim(), 0o600],
    [`etc/ssh/lab-keys/${design.user}`, keys.authorized],
    ["etc/iscsi/initiatorname.iscsi", `InitiatorName=iqn.2024-01.lab:${design.name}`],
    ["etc/multipath.conf", multipathConf(design)],
    ["etc/multipath/wwids", knownMaps],
    ...(design.aliases === null ? [] : [["etc/multipath/bindings", bindings(design)] as [string, string]]),
    ...portalPorts.map((port): [string, string] => [
      `etc/iscsi/nodes/${targetName}/${gatewayAddress},${port},1/default`,
      nodeRecord(port),
    ]),
  ];
  return texts.map(([path, text, mode = 0o644]) => ({ path, mode, content: `${text}\n` }));
}

/** As on a host that knows these LUNs. Else udev takes each path for a disk first, and LVM reads it for groups. */
const knownMaps = ["# Multipath wwids, Version : 1.0", ...luns.map(({ wwid }) => `/${wwid}/`)].join("\n");

/** Paths are checked every 5 s, and the interval never grows. So a test waits 5 s at most. */
const multipathConf = ({ aliases }: GuestDesign): string => `defaults {
	find_multipaths yes
	user_friendly_names ${aliases === null ? "no" : "yes"}
	polling_interval 5
	max_polling_interval 5
}`;

const bindings = ({ aliases }: GuestDesign): string =>
  (aliases ?? []).map(({ wwid }, index) => `mpath${String.fromCharCode("a".charCodeAt(0) + index)} ${wwid}`).join("\n");

/** What discovery would write, but tgt answers with its own loopback address. A lost session fails its paths after 5 s. */
const nodeRecord = (port: number): string => `# BEGIN RECORD 2.1.8
node.name = ${targetName}
node.tpgt = 1
node.startup = automatic
node.leading_login = No
iface.iscsi_ifacename = default
iface.transport_name = tcp
node.discovery_type = static
node.session.timeo.replacement_timeout = 5
node.conn[0].address = ${gatewayAddress}
node.conn[0].port = ${port}
node.conn[0].startup = automatic
node.conn[0].timeo.noop_out_interval = 5
node.conn[0].timeo.noop_out_timeout = 10
# END RECORD`;

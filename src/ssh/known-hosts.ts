import { createHmac } from "node:crypto";
import { fitsOneOf } from "./pattern.ts";

/** A line of OpenSSH's known_hosts. */
interface KnownKey {
  readonly marker: "cert-authority" | "revoked" | null;
  /** Host patterns with commas between, or one hashed name. */
  readonly hosts: string;
  readonly key: Buffer;
}

/** Where a host is reached. */
export interface Endpoint {
  /** The host name or address, after `HostName` of the configuration. */
  readonly host: string;
  readonly port: number;
}

const LINE = /^(?:@(cert-authority|revoked)\s+)?(\S+)\s+([a-z][\w@.-]+)\s+([A-Za-z0-9+/=]+)(?:\s|$)/;

/** The keys of known_hosts by which hosts are trusted, or certainly not. */
export class KnownHosts {
  readonly #keys: readonly KnownKey[];

  /** Lines that OpenSSH can't read don't count, as for OpenSSH. */
  constructor(text: string) {
    this.#keys = text.split("\n").flatMap((line): KnownKey[] => {
      const [, marker, hosts = "", type, key = ""] = LINE.exec(line.trim()) ?? [];
      if (type === undefined || line.trim().startsWith("#")) return [];
      const known = marker === "cert-authority" || marker === "revoked" ? marker : null;
      return [{ marker: known, hosts, key: Buffer.from(key, "base64") }];
    });
  }

  isTrusted(endpoint: Endpoint, key: Buffer): boolean {
    return this.#has(null, endpoint, key);
  }

  isRevoked(endpoint: Endpoint, key: Buffer): boolean {
    return this.#has("revoked", endpoint, key);
  }

  isAuthority(endpoint: Endpoint, key: Buffer): boolean {
    return this.#has("cert-authority", endpoint, key) && !this.isRevoked(endpoint, key);
  }

  /** Whether a certificate of this host may count. */
  hasAuthority(endpoint: Endpoint): boolean {
    return this.#of("cert-authority", endpoint).length > 0;
  }

  #has(marker: KnownKey["marker"], endpoint: Endpoint, key: Buffer): boolean {
    return this.#of(marker, endpoint).some((each) => each.key.equals(key));
  }

  #of(marker: KnownKey["marker"], { host, port }: Endpoint): KnownKey[] {
    const name = host.toLowerCase();
    // With another port OpenSSH searches for both names.
    const names = port === 22 ? [name] : [`[${name}]:${port}`, name];
    return this.#keys.filter((each) => each.marker === marker && names.some((one) => isFor(each.hosts, one)));
  }
}

function isFor(hosts: string, name: string): boolean {
  const [, salt, hash] = /^\|1\|([A-Za-z0-9+/=]+)\|([A-Za-z0-9+/=]+)$/.exec(hosts) ?? [];
  if (salt !== undefined && hash !== undefined) {
    return createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest("base64") === hash;
  }
  return fitsOneOf(hosts.toLowerCase().split(","), name);
}

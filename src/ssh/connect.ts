import type { NodeSSH } from "node-ssh";
import { type AskedHost, changedKeyText, type PresentedHost } from "../core/host-key.ts";
import { done, type Outcome, unknown } from "../core/outcome.ts";
import { certifiedKey } from "./certified-key.ts";
import { endpointText, JumpHosts } from "./jump-hosts.ts";
import { fingerprintOf, type Identity } from "./keys.ts";
import { ConnectFailed, logIn, networkReason, revokedText } from "./log-in.ts";
import type { OpenSshFiles, Way } from "./openssh-files.ts";
import { presentedKey } from "./presented-key.ts";

/** The properties of a host that identify a connection: another key, port or user is another connection. */
export interface Target {
  /** For the operator. It identifies nothing. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly hostKeySha256: string;
}

/** Connects to hosts as OpenSSH's files say: under other names, and through jump hosts. */
export class Connector {
  readonly #identity: Identity;
  readonly #files: OpenSshFiles;
  readonly #timeoutMs: number;
  readonly #jumpHosts: JumpHosts;

  /** `timeoutMs`: for the login on one computer. */
  constructor(identity: Identity, files: OpenSshFiles, timeoutMs: number) {
    this.#identity = identity;
    this.#files = files;
    this.#timeoutMs = timeoutMs;
    this.#jumpHosts = new JumpHosts(identity, files, timeoutMs);
  }

  /** A session with a host that has the trusted key. Rejects with `ConnectFailed`. */
  async connect({ name: host, address, port, user, hostKeySha256 }: Target): Promise<NodeSSH> {
    let name = endpointText({ host: address, port });
    try {
      const way = await this.#files.wayTo(address, port);
      name = wayText(way);
      return await logIn({
        login: { ...way.endpoint, user },
        through: () => this.#jumpHosts.through(way),
        identity: this.#identity,
        knownHosts: await this.#files.knownHosts(),
        timeoutMs: this.#timeoutMs,
        isTrusted: (key) => fingerprintOf(key) === hostKeySha256,
        whyRefused: (presented) => changedKeyText({ host, presented, trusted: hostKeySha256 }),
      });
    } catch (error) {
      throw new ConnectFailed(`connecting ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** What a host shows before any login. The port and the user are those of the configuration if a person typed none. */
  async presentedBy(asked: AskedHost): Promise<Outcome<PresentedHost>> {
    let name = endpointText({ host: asked.address, port: asked.port ?? 22 });
    try {
      const settings = await this.#files.settingsOf(asked.address);
      const [port, user] = [asked.port ?? settings.port ?? 22, asked.user ?? settings.user ?? "root"];
      const way = await this.#files.wayTo(asked.address, port);
      name = wayText(way);
      const { endpoint } = way;
      const through = () => this.#jumpHosts.through(way);
      const timeoutMs = this.#timeoutMs;
      const key = await presentedKey({ endpoint, socket: await through(), timeoutMs });
      const knownHosts = await this.#files.knownHosts();
      if (knownHosts.isRevoked(endpoint, key)) throw new ConnectFailed(revokedText(key));
      const certified = knownHosts.hasAuthority(endpoint)
        ? await certifiedKey(endpoint, knownHosts, await through(), timeoutMs)
        : null;
      return done({
        ...{ sha256: fingerprintOf(key), port, user },
        way: way.jumps.length > 0 || endpoint.host !== asked.address ? name : null,
        certificate: certified === null ? null : certificateOf(certified, key),
      });
    } catch (error) {
      const said = error instanceof Error ? (networkReason(error, this.#timeoutMs) ?? error.message) : String(error);
      return unknown(`connecting ${name}: ${said}`);
    }
  }

  close(): void {
    this.#jumpHosts.close();
  }
}

function certificateOf(certified: Awaited<ReturnType<typeof certifiedKey>>, key: Buffer): string {
  if (typeof certified === "string") return `none that counts: ${certified}`;
  return certified.key.equals(key) ? certified.text : "none that counts: it is for another key than the host shows";
}

const wayText = ({ endpoint, jumps }: Way): string =>
  [endpointText(endpoint), ...(jumps.length === 0 ? [] : [`through ${jumps.map(endpointText).join(", ")}`])].join(" ");

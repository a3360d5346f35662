import ssh2, { type IdentityCallback, type ParsedKey } from "ssh2";

/** An agent that offers all its keys, or only one: sshd ends a login after six keys that it does not accept. */
export class AgentWithKey extends ssh2.OpenSSHAgent {
  readonly #only: Buffer | null;

  /** `only`: the one public key that is offered, as SSH sends it. */
  constructor(socket: string, only: Buffer | null) {
    super(socket);
    this.#only = only;
  }

  override getIdentities(callback: IdentityCallback<ParsedKey>): void {
    super.getIdentities((error, keys) => {
      const only = this.#only;
      if (error || keys === undefined || only === null) return callback(error, keys);
      callback(
        undefined,
        keys.filter((key) => "getPublicSSH" in key && key.getPublicSSH().equals(only)),
      );
    });
  }
}

/** The number of usable keys that an agent has; null if it does not answer within the limit. */
export function keysOfAgent(socket: string, limitMs: number): Promise<number | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), limitMs);
    new ssh2.OpenSSHAgent(socket).getIdentities((error, keys) => {
      clearTimeout(timer);
      resolve(error ? null : (keys?.length ?? 0));
    });
  });
}

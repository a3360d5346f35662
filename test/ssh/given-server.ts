import { afterEach, beforeEach, expect } from "vitest";
import { identityOf } from "../../src/ssh/keys.ts";
import { openSshHosts, type SshHosts } from "../../src/ssh/sessions.ts";
import { newKey, ShellServer } from "./shell-server.ts";

export const botKey = newKey();
/** What the hosts' adapter logged. */
export const log: string[] = [];
export let hosts: SshHosts;
export let server: ShellServer;

/** A server and hosts of its own for each test of a file; the key is never in the log. */
export function givenServer(): void {
  beforeEach(async () => {
    log.length = 0;
    server = await ShellServer.start(botKey);
    hosts = openSshHosts({
      identity: identityOf(botKey.private),
      connectTimeoutMs: 20_000,
      log: { info: (message) => void log.push(message) },
    });
  });
  afterEach(async () => {
    await hosts.close();
    await server.stop();
    expect(log.join("\n")).not.toContain("PRIVATE KEY");
  });
}

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Config } from "../../src/config.ts";
import { readConfig } from "../../src/config.ts";
import { errorText } from "../../src/core/refusal.ts";
import { openSshHosts } from "../../src/ssh/sessions.ts";
import { sshLogin } from "../../src/ssh-login.ts";
import { read } from "./commands.ts";
import { KeyFolder, sshAgent, sshKeygen, startAgent } from "./openssh.ts";
import { ShellServer } from "./shell-server.ts";

const reading = read(["echo", "hello"]);
const SECRET = "correct horse 17";
const NO_FILES = { SSH_CONFIG_FILE: "none", SSH_KNOWN_HOSTS_FILE: "none" };

let keys: KeyFolder;
let said: string[];
beforeEach(async () => {
  keys = await KeyFolder.make();
  said = [];
});
afterEach(async () => {
  await keys.remove();
  expect(said.join("\n")).not.toContain(SECRET);
});

const settingsOf = (env: Readonly<Record<string, string>>): Extract<Config["hosts"], { kind: "ssh" }> => {
  const { hosts } = readConfig({ HOSTS: "ssh", WORKSPACE: "local", ...NO_FILES, ...env });
  if (hosts.kind !== "ssh") throw new Error("the hosts are simulated");
  return hosts;
};
const loginOf = (env: Readonly<Record<string, string>>) =>
  sshLogin(settingsOf(env), { info: (message) => void said.push(message) });

/** The refusal of a start with these settings. */
async function refusalOf(env: Readonly<Record<string, string>>): Promise<string> {
  const text = await loginOf(env).then(
    () => "it starts",
    (error: unknown) => errorText(error),
  );
  said.push(text);
  return text;
}

/** Logs in on a server that accepts only this key, and reads something. */
async function logsIn(env: Readonly<Record<string, string>>, accepted: string): Promise<unknown> {
  const server = await ShellServer.start({ private: "", public: await keys.publicLine(accepted) });
  const { identity } = await loginOf(env);
  const hosts = openSshHosts({
    identity,
    connectTimeoutMs: 20_000,
    log: { info: (message) => void said.push(message) },
  });
  try {
    const outcome = await hosts.run(server.host, reading);
    said.push(JSON.stringify(outcome));
    return outcome;
  } finally {
    await hosts.close();
    await server.stop();
  }
}

describe.skipIf(sshKeygen === null)("a private key with a passphrase (ssh-keygen must be installed)", () => {
  it.each(["ed25519", "ecdsa", "rsa"])("of the kind %s logs in, with the passphrase or a file of it", async (type) => {
    await keys.newKey("own", type, SECRET);
    const file = await keys.writes("passphrase", `${SECRET}\n`);
    const SSH_PRIVATE_KEY_FILE = keys.path("own");
    for (const env of [{ SSH_PRIVATE_KEY_PASSPHRASE: SECRET }, { SSH_PRIVATE_KEY_PASSPHRASE_FILE: file }]) {
      expect(await logsIn({ SSH_PRIVATE_KEY_FILE, ...env }, "own")).toMatchObject({ kind: "done" });
    }
  });

  it("is refused at the start without it, and with another one, which is never shown", async () => {
    await keys.newKey("own", "ed25519", "other words");
    const SSH_PRIVATE_KEY_FILE = keys.path("own");
    expect(await refusalOf({ SSH_PRIVATE_KEY_FILE })).toContain("it has a passphrase, and none is set");
    const wrong = await refusalOf({ SSH_PRIVATE_KEY_FILE, SSH_PRIVATE_KEY_PASSPHRASE: SECRET });
    expect(wrong).toContain("the passphrase does not open it");
  });

  it("is refused at the start if others may read the passphrase, or both settings are there", async () => {
    await keys.newKey("own", "ed25519", SECRET);
    const file = await keys.writes("passphrase", SECRET);
    const SSH_PRIVATE_KEY_FILE = keys.path("own");
    const { chmod } = await import("node:fs/promises");
    await chmod(file, 0o644);
    expect(await refusalOf({ SSH_PRIVATE_KEY_FILE, SSH_PRIVATE_KEY_PASSPHRASE_FILE: file })).toContain(
      `chmod 600 ${file}`,
    );
    expect(() =>
      settingsOf({ SSH_PRIVATE_KEY_FILE, SSH_PRIVATE_KEY_PASSPHRASE: "x", SSH_PRIVATE_KEY_PASSPHRASE_FILE: file }),
    ).toThrow("can't be used together");
  });
});

describe.skipIf(sshAgent === null)("an agent (ssh-agent must be installed)", () => {
  it.each(["ed25519", "ecdsa", "rsa"])("logs in with its key of the kind %s", async (type) => {
    await keys.newKey("other");
    await keys.newKey("own", type);
    const agent = await startAgent(keys, ["other", "own"]);
    try {
      expect(await logsIn({ SSH_AUTH_SOCK: agent.socket }, "own")).toMatchObject({ kind: "done" });
    } finally {
      await agent.stop();
    }
  });

  it("offers only one key if SSH_PRIVATE_KEY_FILE is a public one", async () => {
    for (const name of ["other", "own"]) await keys.newKey(name);
    const agent = await startAgent(keys, ["other", "own"]);
    try {
      const env = { SSH_AUTH_SOCK: agent.socket, SSH_PRIVATE_KEY_FILE: keys.path("own.pub") };
      expect(await logsIn(env, "own")).toMatchObject({ kind: "done" });
      expect(await logsIn(env, "other")).toMatchObject({
        reason: expect.stringContaining(
          `Add the agent's public key to ~root/.ssh/authorized_keys on the host: ${await keys.publicLine("own")}`,
        ),
      });
    } finally {
      await agent.stop();
    }
  });

  it("may get its key later; until then the reason says how", async () => {
    await keys.newKey("own");
    const agent = await startAgent(keys, []);
    try {
      expect(await logsIn({ SSH_AUTH_SOCK: agent.socket }, "own")).toMatchObject({
        kind: "unknown",
        reason: expect.stringContaining(
          "The agent of SSH_AUTH_SOCK has no key that the host accepts. Add a line of ssh-add -L",
        ),
      });
      expect(said).toContain("the agent of SSH_AUTH_SOCK has no key that the bot can use yet. Fix: ssh-add");
    } finally {
      await agent.stop();
    }
  });

  it("that ends while the bot runs is named, and nothing is run", async () => {
    await keys.newKey("own");
    const agent = await startAgent(keys, ["own"]);
    const { identity } = await loginOf({ SSH_AUTH_SOCK: agent.socket });
    await agent.stop();
    const server = await ShellServer.start({ private: "", public: await keys.publicLine("own") });
    const hosts = openSshHosts({ identity });
    expect(await hosts.run(server.host, reading)).toMatchObject({
      reason: expect.stringContaining("the SSH agent of SSH_AUTH_SOCK does not answer"),
    });
    await hosts.close();
    await server.stop();
  });
});

describe("a start with HOSTS=ssh is refused", () => {
  it("without a key and without an agent", () => {
    expect(() => settingsOf({})).toThrow("HOSTS=ssh needs SSH_PRIVATE_KEY_FILE or SSH_AUTH_SOCK");
  });

  it("if no agent answers", async () => {
    const text = await refusalOf({ SSH_AUTH_SOCK: keys.path("none") });
    expect(text).toContain(`SSH_AUTH_SOCK ${keys.path("none")}: no SSH agent answers there`);
  });

  it("if a file of OpenSSH is missing, or says what the bot can't do", async () => {
    const agentless = { SSH_AUTH_SOCK: keys.path("none") };
    expect(await refusalOf({ ...agentless, SSH_CONFIG_FILE: keys.path("no") })).toContain("does not exist");
    expect(await refusalOf({ ...agentless, SSH_KNOWN_HOSTS_FILE: keys.path("no") })).toContain("does not exist");
    const file = await keys.writes("config", "Host *\n  Port no\n");
    expect(await refusalOf({ ...agentless, SSH_CONFIG_FILE: file })).toContain(`Port no is not a port`);
  });
});

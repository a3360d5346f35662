import { execFile } from "node:child_process";
import { userInfo } from "node:os";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OpenSshFiles } from "../../src/ssh/openssh-files.ts";
import { KeyFolder, ssh } from "./openssh.ts";

let folder: KeyFolder;
beforeEach(async () => {
  folder = await KeyFolder.make();
});
afterEach(() => folder.remove());

async function filesOf(text: string): Promise<OpenSshFiles> {
  return new OpenSshFiles({ config: await folder.writes("config", text), knownHosts: null });
}

/** The addresses of the jump hosts, and the end. */
async function wayOf(text: string, host: string): Promise<string[]> {
  const { endpoint, jumps } = await (await filesOf(text)).wayTo(host, 22);
  return [...jumps.map((each) => `${each.user}@${each.host}:${each.port}`), `${endpoint.host}:${endpoint.port}`];
}

const CONFIGS: readonly (readonly [title: string, config: string])[] = [
  ["the first value wins", "Host h1\n  User first\nHost *\n  User second\n  Port 2200\n"],
  ["patterns, and names that are left out", "Host *.example !old.example h?\n  HostName 10.0.0.1\n  Port 2222\n"],
  ["keywords in any case, with = and quotes", 'host=h1\n hostname = "10.0.0.2"\n PORT=2022\n user "bot"\n'],
  ["values before the first Host", "User all\nHost h1\n  User own\n  Port 2022\n"],
  ["HostName with %h", "Host h1 h2\n  HostName %h.example\n"],
  [
    "Match host and Match all",
    "Match originalhost h1\n  User one\nMatch host h2\n  User two\nMatch all\n  Port 2021\n",
  ],
  ["jump hosts", "Host h1\n  ProxyJump a@jump1:2201,jump2\nHost h2\n  ProxyJump none\nHost *\n  ProxyJump jump3\n"],
  ["keywords that the bot does not read", "Host *\n  ServerAliveInterval 5\n  IdentityFile ~/.ssh/x\n  User bot\n"],
  ["? is one character", "Host h1?\n  User two\nHost ?1\n  User one\nHost o?her\n  Port 2022\n"],
  ["* is any number of characters", "Host h*1*\n  User one\nHost **.example\n  User two\nHost *?????\n  Port 2022\n"],
  ["several patterns, in quotes or not", 'Host "h1" h[2] "new.*" !"old.example"\n  User one\n'],
  ["a pattern in quotes with a space", 'Host "h1 h2"\n  User one\nHost h2\n  User two\n'],
  ["a pattern with ! alone", "Host !h1\n  User one\nHost !h1 *\n  User two\n"],
  ["a dot is a dot", "Host new?example o.her\n  User one\nHost new.example\n  Port 2022\n"],
  ["capital letters", "Host H1\n  User one\nMatch host H2\n  User two\nMatch originalhost H1\n  Port 2022\n"],
  ["Match with !", "Match !host h1\n  User one\nMatch !originalhost h2,other\n  Port 2022\n"],
  [
    "Match with lists",
    "Match host *.example,!old.*\n  User one\nMatch host !h1\n  User two\nMatch !host !h1\n  Port 2022\n",
  ],
  [
    "Match with several criteria",
    'Match host h? !originalhost "h1"\n  User one\nMatch !host h1 !host h2\n  Port 2022\n',
  ],
  ["Match in any case and with =", "match HOST=h1\n  User one\nMATCH !Host h1\n  User two\nMatch ALL\n  Port 2022\n"],
  ["Match host after HostName", "Host h1 h2\n  HostName %h.lab\nMatch host *.lab !originalhost h2\n  Port 2022\n"],
  ["Match host before HostName", "Match host h1.lab\n  Port 2022\nHost h1\n  HostName h1.lab\n"],
  ["Match user after User", "Host h1\n  User one\nMatch user one\n  Port 2022\nMatch !user one,two\n  Port 2023\n"],
  ["Match user of nobody", "Match user nobody-here\n  User two\nMatch !user nobody-here\n  Port 2022\n"],
  [
    "Match localuser",
    `Match localuser x,${userInfo().username}\n  Port 2022\nMatch !localuser nobody-here\n  User two\n`,
  ],
  ["a Match that the bot does not know, without a keyword for it", "Match final\n  Compression yes\n"],
  ["comments", "# Host h1\nHost h1 # comment\n  User bot # comment\n"],
];

describe("OpenSSH's configuration", () => {
  describe.skipIf(ssh === null)("is read as ssh -G reads it (ssh must be installed):", () => {
    it.each(CONFIGS)("%s", async (_, text) => {
      const path = await folder.writes("config", text);
      const files = await filesOf(text);
      for (const host of ["h1", "h2", "new.example", "old.example", "other"]) {
        const { stdout } = await promisify(execFile)(ssh ?? "", ["-G", "-F", path, host]);
        const lines = new Map(
          stdout.split("\n").map((line) => [line.split(" ")[0], line.split(" ").slice(1).join(" ")]),
        );
        const { hostName, port, user, jumps } = await files.settingsOf(host);
        expect([host, hostName ?? host, port ?? 22]).toEqual([host, lines.get("hostname"), Number(lines.get("port"))]);
        if (user !== null) expect(user).toBe(lines.get("user"));
        else expect(text.includes(`User ${lines.get("user")}`)).toBe(false);
        const jump = lines.get("proxyjump") ?? "none";
        expect(jumps.join(",") || "none").toBe(jump);
      }
    });
  });

  it("includes files, with patterns, in the order of their names", async () => {
    await folder.writes("10-own.conf", "Host h1\n  User included\n");
    await folder.writes("20-own.conf", "Host h1\n  User later\n  Port 2020\n");
    const files = await filesOf(
      `Include ${folder.path("*-own.conf")} ${folder.path("missing")}\nHost h1\n  User last\n`,
    );
    expect(await files.settingsOf("h1")).toMatchObject({ user: "included", port: 2020 });
  });

  it("says what it can't do: an Include in a Host, an Include without end, and tokens", async () => {
    const inHost = await filesOf("Host h1\n  Include other\n");
    await expect(inHost.settingsOf("h1")).rejects.toThrow("it has an Include inside of Host or Match");
    const endless = await filesOf(`Include ${folder.path("config")}\n`);
    await expect(endless.settingsOf("h1")).rejects.toThrow("it includes more than 100 files, 1 MiB or 16 levels");
    const token = await filesOf("Host *\n  HostName %l\n");
    await expect(token.settingsOf("h1")).rejects.toThrow("HostName %l has the token %l, which the bot does not know");
    const port = await filesOf("Host *\n  Port ssh\n");
    await expect(port.settingsOf("h1")).rejects.toThrow("Port ssh is not a port");
  });

  it.each([
    ["Match exec true", "exec"],
    ["Match host h1 canonical", "canonical"],
    ["Match !final", "final"],
    ["Match !canonical host h1", "canonical"],
    ["Match host h1 !final", "final"],
    ["Match host h1 tagged x", "tagged"],
    ["Match localnetwork 10.0.0.0/8", "localnetwork"],
    ["Match constructor x", "constructor"],
  ])("names the line and the fix if it has a criterion that the bot does not know: %s", async (line, name) => {
    const files = await filesOf(`Host h1\n  User one\n${line}\n  User two\n`);
    await expect(files.settingsOf("h1")).rejects.toThrow(
      `its line "${line}" has ${name}, which the bot does not know: use host, originalhost, user, localuser or all, or remove the block`,
    );
  });

  it.each(["Match all host h1", "Match host h1 all", "Match !all"])(
    "names a line with all and more: %s",
    async (line) => {
      const files = await filesOf(`${line}\n  User one\n`);
      await expect(files.settingsOf("h1")).rejects.toThrow(`its line "${line}" has all and more: write Match all`);
    },
  );

  it("never runs a program of Match exec", async () => {
    const mark = folder.path("mark");
    const files = await filesOf(`Match exec "touch ${mark}"\n  User bad\nHost *\n  CanonicalizeHostname yes\n`);
    await expect(files.settingsOf("h1")).rejects.toThrow("has exec, which the bot does not know");
    await expect(promisify(execFile)("ls", [mark])).rejects.toThrow();
  });

  it("that changes is read again", async () => {
    const files = await filesOf("Host h1\n  User one\n");
    expect(await files.settingsOf("h1")).toMatchObject({ user: "one" });
    await folder.writes("config", "Host h1\n  User two\n");
    await expect.poll(async () => (await files.settingsOf("h1")).user, { timeout: 60_000 }).toBe("two");
  });

  it("that can't be read is named", async () => {
    const missing = new OpenSshFiles({ config: folder.path("missing"), knownHosts: null });
    await expect(missing.wayTo("h1", 22)).rejects.toThrow(`${folder.path("missing")} can't be used: ENOENT`);
  });
});

describe("the way to a host", () => {
  it("is direct without a configuration", async () => {
    const files = new OpenSshFiles({ config: null, knownHosts: null });
    expect(await files.wayTo("h1", 2022)).toEqual({ endpoint: { host: "h1", port: 2022 }, jumps: [] });
  });

  it("keeps the port of the inventory", async () => {
    const files = await filesOf("Host h1\n  HostName 10.0.0.1\n  Port 2022\n  User other\n");
    expect(await files.wayTo("h1", 22)).toEqual({ endpoint: { host: "10.0.0.1", port: 22 }, jumps: [] });
  });

  it("leads through the jump hosts in their order, each with its own settings", async () => {
    const config = "Host far\n  ProxyJump one,b@two:2202\nHost one\n  HostName 10.1.1.1\n  User a\n  Port 2201\n";
    expect(await wayOf(config, "far")).toEqual(["a@10.1.1.1:2201", "b@two:2202", "far:22"]);
  });

  it("takes the jump hosts of the first jump host, and of no other", async () => {
    const config = "Host far\n  ProxyJump r@one,r@two\nHost one\n  ProxyJump r@zero\nHost two\n  ProxyJump r@never\n";
    expect(await wayOf(config, "far")).toEqual(["r@zero:22", "r@one:22", "r@two:22", "far:22"]);
  });

  it("knows addresses in brackets and ssh:// addresses", async () => {
    expect(await wayOf("Host far\n  ProxyJump ssh://r@[fe80::1]:2022\n", "far")).toEqual(["r@fe80::1:2022", "far:22"]);
  });

  it("that leads back, or is not understood, is refused", async () => {
    const circle = "Host one\n  ProxyJump r@two\nHost two\n  ProxyJump r@one\n";
    await expect(wayOf(circle, "one")).rejects.toThrow("ProxyJump leads from one back to one");
    await expect(wayOf("Host far\n  ProxyJump a b\n", "far")).rejects.toThrow("is not user@host:port");
    await expect(wayOf("Host far\n  ProxyJump -oProxyCommand=x\n", "far")).rejects.toThrow("is not user@host:port");
    const many = Array.from({ length: 9 }, (_, at) => `r@j${at}`).join(",");
    await expect(wayOf(`Host far\n  ProxyJump ${many}\n`, "far")).rejects.toThrow("has too many jump hosts");
  });
});

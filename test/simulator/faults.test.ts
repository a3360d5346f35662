import { createHash } from "node:crypto";
import { connect, createServer, type Socket } from "node:net";
import ssh2 from "ssh2";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { inMemory } from "../../src/simulator/san/saved-san.ts";
import { tutorialLuns } from "../../src/simulator/san/tutorial-san.ts";
import { type SimulatedHosts, startSimulatedHosts } from "../../src/simulator/simulated-hosts.ts";
import { byId, type Login, logIn } from "./on-host.ts";

const name = "sharedblock-host2";
let san: SimulatedHosts;
const logins: Login[] = [];
beforeAll(async () => {
  san = await startSimulatedHosts({ directory: null });
});
afterEach(async () => {
  for (const login of logins.splice(0)) login.close();
  await san.heal(name);
});
afterAll(() => san.stop());

async function login(): Promise<Login> {
  const made = await logIn(san, name);
  logins.push(made);
  return made;
}

const shownKey = (): Promise<string> =>
  new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    client.on("error", reject);
    client.connect({
      host: "127.0.0.1",
      port: san.hosts.find((host) => host.name === name)?.port ?? 0,
      username: "root",
      hostVerifier: (key: Buffer) => {
        resolve(`SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`);
        client.removeAllListeners("error").on("error", () => {});
        return false;
      },
    });
  });

const nextTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));

describe("a simulated host in trouble", () => {
  it("is down, and up again on the same port", async () => {
    const before = await login();
    await san.fault(name, { kind: "down" });
    await expect(logIn(san, name)).rejects.toThrow(/ECONNREFUSED/);
    await expect(before.run(["true"])).rejects.toThrow();
    await san.heal(name);
    expect((await (await login()).run(["true"])).exitCode).toBe(0);
  });

  it("accepts connections and says nothing", async () => {
    await san.fault(name, { kind: "silent" });
    await expect(logIn(san, name)).rejects.toThrow(/[Tt]imed out/);
  });

  it("is slow", async () => {
    const slow = await login();
    await san.fault(name, { kind: "slow", ms: 300 });
    const began = performance.now();
    await slow.run(["true"]);
    expect(performance.now() - began).toBeGreaterThan(290);
  });

  it("refuses the key, and any other key or user at all times", async () => {
    const unknownKey = await inMemory.key("unknownKey");
    await expect(logIn({ ...san, privateKey: unknownKey }, name)).rejects.toThrow(/authentication/);
    const hosts = san.hosts.map((host) => ({ ...host, user: "admin" }));
    await expect(logIn({ ...san, hosts }, name)).rejects.toThrow(/authentication/);
    await san.fault(name, { kind: "refuses key" });
    await expect(logIn(san, name)).rejects.toThrow(/authentication/);
  });

  it("shows another host key", async () => {
    const trusted = san.hosts.find((host) => host.name === name)?.hostKeySha256;
    expect(await shownKey()).toBe(trusted);
    await san.fault(name, { kind: "other host key" });
    expect(await shownKey()).not.toBe(trusted);
    await san.heal(name);
    expect(await shownKey()).toBe(trusted);
  });

  it("lacks a program, fails at one, prints invalid output, wants a password", async () => {
    const host = await login();
    await san.fault(name, { kind: "lacks", program: "lsscsi" });
    await san.fault(name, { kind: "invalid output", program: "multipath", stdout: "@\n" });
    await san.fault(name, { kind: "fails", program: "vgs", exitCode: 5, stderr: "  no luck\n" });
    await san.fault(name, {
      kind: "fails",
      program: "wipefs",
      argument: "--all",
      exitCode: 1,
      stderr: "wipefs: busy\n",
    });
    const [lsscsi, multipath, vgs, list, wipe] = await host.outputs(
      ["lsscsi", "-s"],
      ["multipath", "-ll"],
      ["vgs"],
      ["wipefs", "--", byId(tutorialLuns.orphan)],
      ["wipefs", "--all", "--", byId(tutorialLuns.orphan)],
    );
    expect(lsscsi?.exitCode).toBe(127);
    expect(multipath).toEqual({ stdout: "@\n", stderr: "", exitCode: 0 });
    expect(vgs).toEqual({ stdout: "", stderr: "  no luck\n", exitCode: 5 });
    expect(list?.exitCode).toBe(0);
    expect(wipe?.stderr).toBe("wipefs: busy\n");
    const zstack = await logIn(san, "sharedblock-host3");
    await san.fault("sharedblock-host3", { kind: "sudo wants a password" });
    expect(await zstack.line("'sudo' '-n' 'true'")).toMatchObject({
      stderr: "sudo: a password is required\n",
      code: 1,
    });
    await san.heal("sharedblock-host3");
    zstack.close();
  });

  it("ends a hanging program when timeout says so", async () => {
    const host = await login();
    await san.fault(name, { kind: "hangs", program: "multipath" });
    expect((await host.run(["multipath", "-ll"], { timeoutMs: 1000 })).exitCode).toBe(124);
    expect((await host.run(["sleep", "30"], { timeoutMs: 1000 })).exitCode).toBe(124);
  });

  it.each(["before", "effect"] as const)("hangs during a change: %s", async (after) => {
    const host = await login();
    const file = `/etc/${after}`;
    await san.fault(name, { kind: "hangs", program: "mkdir", after });
    expect((await host.run(["mkdir", "--", file], { timeoutMs: 1000 })).exitCode).toBe(124);
    expect((await host.run(["ls", "/etc"])).stdout.split("\n").includes(after)).toBe(after === "effect");
  });

  it.each(["before", "effect"] as const)("is cut off during a change: %s", async (after) => {
    const wwid = tutorialLuns[after === "before" ? "blank" : "orphan"];
    const host = await login();
    const before = san.ran(name).length;
    const wiping = { program: "wipefs", argument: "--all", without: "--no-act" };
    await san.fault(name, { kind: "cut during", after, ...wiping });
    const backUp = ["wipefs", "--all", "--no-act", "--", byId(wwid)] as const;
    expect((await host.run(backUp)).exitCode).toBe(0);
    const [uname, wipe, never] = await host.outputs(["uname", "-n"], ["wipefs", "--all", "--", byId(wwid)], ["true"]);
    expect(uname?.stdout).toBe(`${name}\n`);
    expect(wipe ?? null).toBe(null);
    expect(never ?? null).toBe(null);
    const ran = san
      .ran(name)
      .slice(before)
      .filter(({ argv }) => argv.includes(byId(wwid)) && !argv.includes("--no-act"));
    expect(ran.map(({ changed }) => changed)).toEqual(after === "before" ? [] : [true]);
    // Once: the next connection lives.
    expect((await (await login()).run(["wipefs", "--all", "--", byId(wwid)])).exitCode).toBe(0);
  });

  it("is cut off, and what was printed before arrives at a client that reads late and keeps sending", async () => {
    const port = san.hosts.find((host) => host.name === name)?.port ?? 0;
    const ends: Socket[] = [];
    const network = createServer((client) => {
      const host = connect(port, "127.0.0.1");
      ends.push(client, host);
      for (const end of ends) end.on("error", () => {});
      host.on("close", () => client.end());
      client.pipe(host).pipe(client);
    });
    await new Promise<void>((resolve) => network.listen(0, "127.0.0.1", resolve));
    const address = network.address();
    if (address === null || typeof address === "string") return expect.fail("the network has no port");
    const late = await logIn({ ...san, hosts: san.hosts.map((host) => ({ ...host, port: address.port })) }, name);
    logins.push(late);
    const [, host] = ends;
    await san.fault(name, { kind: "cut during", after: "effect", program: "mkdir" });
    const execs = san.execs(name);
    const outputs = late.outputs(["sleep", "1"], ["uname", "-n"], ["mkdir", "--", "/etc/late"]);
    while (san.execs(name) === execs) await nextTurn();
    host?.pause();
    while (!san.ran(name).some(({ argv }) => argv.includes("/etc/late"))) await nextTurn();
    for (let sent = 0; sent < 20; sent++) {
      host?.write("x");
      await nextTurn();
    }
    host?.resume();
    expect((await outputs).map((output) => output?.stdout)).toEqual(["", `${name}\n`, undefined]);
    network.close();
  });

  it("serves ten programs at once on one connection, and not eleven", async () => {
    const host = await login();
    const execs = san.execs(name);
    const sleeps = Array.from({ length: 10 }, () => host.run(["sleep", "5"]));
    while (san.execs(name) - execs < 10) await nextTurn();
    await expect(host.run(["true"])).rejects.toThrow(/open failure/i);
    expect((await Promise.all(sleeps)).map(({ exitCode }) => exitCode)).toEqual(Array(10).fill(0));
    expect((await host.run(["true"])).exitCode).toBe(0);
    expect(san.execs(name) - execs).toBe(11);
  });
});

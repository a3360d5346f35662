import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listIscsiSessions } from "../../src/host/iscsi-session.ts";
import { listKernelSessions } from "../../src/host/iscsi-sysfs.ts";
import { tutorialIscsi } from "../../src/simulator/san/tutorial-iscsi.ts";
import { type SimulatedHosts, startSimulatedHosts } from "../../src/simulator/simulated-hosts.ts";
import { type Login, logIn } from "./on-host.ts";

const { shared, guarded, portals } = tutorialIscsi;
const [portal] = portals;
const at = (target: string) => [`--targetname=${target}`, `--portal=${portal}:3260`] as const;
const which = `[iface: default, target: ${shared}, portal: ${portal},3260]`;

/** Texts of records and their exit codes are what open-iscsi 2.1.8 of Debian 12 prints; those of sessions and logins are from documentation and reports. */
describe("the simulated iscsiadm", () => {
  let san: SimulatedHosts;
  let login: Login;
  const iscsiadm = (...args: string[]) => login.run(["iscsiadm", ...args]);
  beforeEach(async () => {
    san = await startSimulatedHosts({ directory: null });
    login = await logIn(san, "sharedblock-host1");
  });
  afterEach(async () => {
    login.close();
    await san.stop();
  });

  it("ends with 21 if there is nothing", async () => {
    const nothing: [string[], string][] = [
      [["--mode=session"], "No active sessions."],
      [["-m", "session", "-P", "3"], "No active sessions."],
      [["--mode=node"], "No records found"],
      [["--mode=node", ...at(shared), "--login"], "No records found"],
      [["--mode=node", ...at(shared), "--op=delete"], "No records found"],
      [["--mode=node", ...at(shared), "--logout"], "No matching sessions found"],
      [["--mode=node", `--targetname=${shared}`, "--rescan"], "No session found."],
    ];
    for (const [args, text] of nothing) {
      expect(await iscsiadm(...args)).toEqual({ stdout: "", stderr: `iscsiadm: ${text}\n`, exitCode: 21 });
    }
  });

  it("has the same sessions in sysfs", async () => {
    expect(await login.ask(listKernelSessions)).toEqual([]);
    await login.run(["systemctl", "enable", "--now", "iscsid.service"]);
    for (const address of portals) {
      const node = ["--mode=node", `--targetname=${shared}`, `--portal=${address}:3260`];
      await iscsiadm(...node, "--op=new");
      await iscsiadm(...node, "--login");
    }
    const sessions = await login.ask(listIscsiSessions);
    expect(sessions.length).toBe(portals.length);
    expect(await login.ask(listKernelSessions)).toEqual(
      sessions.map(({ sid, target, portal: now, loggedInAt, scsiHost }) => ({
        ...{ sid, target, portal: now, loggedInAt, scsiHost },
      })),
    );
  });

  it("keeps records as files, and a new one takes the place of the old", async () => {
    expect((await iscsiadm("--mode=node", "--op=new", ...at(shared))).stdout).toBe(
      `New iSCSI node [tcp:[hw=,ip=,net_if=,iscsi_if=default] ${portal},3260,-1 ${shared}] added\n`,
    );
    await iscsiadm("--mode=node", "--op=update", ...at(shared), "--name=node.startup", "--value=automatic");
    const path = `/etc/iscsi/nodes/${shared}/${portal},3260`;
    expect(san.file("sharedblock-host1", path)).toContain("node.startup = automatic");
    expect((await iscsiadm("--mode=node")).stdout).toBe(`${portal}:3260,4294967295 ${shared}\n`);
    await iscsiadm("--mode=node", "--op=new", ...at(shared));
    expect(san.file("sharedblock-host1", path)).toContain("node.startup = manual");
  });

  it("hides passwords, and lets in only who has the right one", async () => {
    await login.run(["systemctl", "enable", "--now", "iscsid.service"]);
    await iscsiadm("--mode=node", "--op=new", ...at(guarded));
    const set = (name: string, value: string) =>
      iscsiadm("--mode=node", "--op=update", ...at(guarded), `--name=node.session.auth.${name}`, `--value=${value}`);
    await set("authmethod", "CHAP");
    await set("username", tutorialIscsi.chap.user);
    await set("password", "wrong");
    expect((await iscsiadm("--mode=node", `--targetname=${guarded}`)).stdout).toContain("password = ********\n");
    expect(await iscsiadm("--mode=node", ...at(guarded), "--login")).toMatchObject({
      exitCode: 24,
      stderr: expect.stringContaining("(24 - iSCSI login failed due to authorization failure)"),
    });
    await set("password", tutorialIscsi.chap.secret);
    expect(await iscsiadm("--mode=node", ...at(guarded), "--login")).toMatchObject({ exitCode: 0 });
  });

  it("logs in only by its daemon, once, and deletes no record that is in use", async () => {
    await iscsiadm("--mode=node", "--op=new", ...at(shared));
    expect(await iscsiadm("--mode=node", ...at(shared), "--login")).toEqual({
      stdout: `Logging in to ${which}\n`,
      stderr: `iscsiadm: can not connect to iSCSI daemon (111)!\niscsiadm: Could not login to ${which}.\niscsiadm: initiator reported error (20 - could not connect to iscsid)\niscsiadm: Could not log into all portals\n`,
      exitCode: 20,
    });
    await login.run(["systemctl", "enable", "--now", "iscsid.service"]);
    expect(await iscsiadm("--mode=node", ...at(shared), "--login")).toEqual({
      stdout: `Logging in to ${which}\nLogin to ${which} successful.\n`,
      stderr: "",
      exitCode: 0,
    });
    expect(await iscsiadm("--mode=node", ...at(shared), "--login")).toMatchObject({ exitCode: 15 });
    expect(await iscsiadm("--mode=node", ...at(shared), "--op=delete")).toMatchObject({ exitCode: 15 });
    expect((await iscsiadm("--mode=session")).stdout).toBe(`tcp: [1] ${portal}:3260,1 ${shared} (non-flash)\n`);
    expect(await iscsiadm("--mode=node", ...at(shared), "--logout")).toMatchObject({ exitCode: 0 });
    expect((await login.run(["ls", "/sys/class/scsi_host"])).stdout).toBe("host0\nhost1\nhost2\n");
  });

  it("does not reach a portal that is cut off, nor a target that is not there", async () => {
    await login.run(["systemctl", "enable", "--now", "iscsid.service"]);
    await iscsiadm("--mode=node", "--op=new", ...at(shared));
    await iscsiadm("--mode=node", "--op=new", ...at("iqn.2026-11.lab.san:other"));
    expect(await iscsiadm("--mode=node", ...at("iqn.2026-11.lab.san:other"), "--login")).toMatchObject({
      exitCode: 19,
    });
    san.array.portalAnswers(portal, false);
    expect(await iscsiadm("--mode=node", ...at(shared), "--login")).toMatchObject({ exitCode: 8 });
    const discovery = ["--mode=discovery", "--type=sendtargets", "--op=nonpersistent"];
    expect(await iscsiadm(...discovery, `--portal=${portal}`)).toMatchObject({ exitCode: 4 });
    expect((await iscsiadm(...discovery, `--portal=${portals[1]}`)).stdout).toContain(
      `192.168.77.11:3260,1 ${shared}\n`,
    );
  });
});

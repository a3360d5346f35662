import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tutorialLuns } from "../../src/simulator/san/tutorial-san.ts";
import { type SimulatedHosts, startSimulatedHosts } from "../../src/simulator/simulated-hosts.ts";
import { byId, type Login, logIn } from "./on-host.ts";

let san: SimulatedHosts;
let first: Login;
let second: Login;
let third: Login;
beforeAll(async () => {
  san = await startSimulatedHosts({ directory: null });
  [first, second, third] = (await Promise.all([1, 2, 3].map((n) => logIn(san, `sharedblock-host${n}`)))) as [
    Login,
    Login,
    Login,
  ];
});
afterAll(async () => {
  for (const login of [first, second, third]) login.close();
  await san.stop();
});

const squeeze = (text: string): string => text.replace(/ +/g, " ");

describe("the tutorial's hosts", () => {
  it("list the tutorial's LUN with three paths, as lsscsi does", async () => {
    const { stdout, exitCode } = await first.run(["lsscsi", "-s"]);
    expect(exitCode).toBe(0);
    const lines = squeeze(stdout).split("\n");
    for (const [target, device] of [
      [0, "sdd"],
      [1, "sdg"],
      [2, "sdj"],
    ]) {
      expect(lines).toContain(`[0:0:${target}:3] disk DELL MD32xx 0784 /dev/${device} 2.19TB`);
    }
    expect(stdout).toContain("[1:0:0:0]    disk    ATA      ST1000NX0423     NB33  /dev/sda   1.00TB\n");
  });

  it("show it as mpatha, dm-2, in multipath -ll", async () => {
    const { stdout } = await first.run(["multipath", "-ll", "mpatha"]);
    expect(stdout).toBe(`mpatha (36b083fe000daf018000015505abbe00a) dm-2 DELL,MD32xx
size=2.0T features='3 queue_if_no_path pg_init_retries 50' hwhandler='1 rdac' wp=rw
|-+- policy='service-time 0' prio=14 status=active
| |- 0:0:0:3 sdd 8:48  active ready running
| \`- 0:0:2:3 sdj 8:144 active ready running
\`-+- policy='service-time 0' prio=9 status=enabled
  \`- 0:0:1:3 sdg 8:96  active ready running
`);
  });

  it("link its identities in /dev/disk/by-id", async () => {
    const { stdout } = await first.run(["ls", "-l", "/dev/disk/by-id"]);
    for (const link of [
      "dm-name-mpatha -> ../../dm-2",
      "dm-uuid-mpath-36b083fe000daf018000015505abbe00a -> ../../dm-2",
      "lvm-pv-uuid-zUbBDF-i1Sg-YU3g-h2jN-m7hr-H9Dh-qgmsnF -> ../../dm-2",
      "scsi-36b083fe000daf018000015505abbe00a -> ../../dm-2",
      "wwn-0x6b083fe000daf018000015505abbe00a -> ../../dm-2",
    ]) {
      expect(stdout).toContain(` ${link}\n`);
    }
    const names = stdout.split("\n").flatMap((line) => line.split(" -> ")[0]?.split(" ").at(-1) ?? []);
    expect(names.slice(2, -1)).toEqual(names.slice(2, -1).toSorted());
  });

  it("link a bare path's identities to the path", async () => {
    san.array.flushMap(tutorialLuns.orphan, "sharedblock-host1");
    const { stdout } = await first.run(["ls", "-l", "/dev/disk/by-id"]);
    expect(stdout).toMatch(/ scsi-36b083fe000daf018000015505abbe00a -> ..\/..\/sd[dgj]\n/);
    expect(stdout).not.toContain("dm-uuid-mpath-36b083fe000daf018000015505abbe00a");
    san.array.assembleMaps("sharedblock-host1");
    expect((await first.run(["multipath", "-ll"])).stdout).toContain(
      "mpatha (36b083fe000daf018000015505abbe00a) dm-2 ",
    );
  });

  it("have other aliases on the third host, which is reached through sudo", async () => {
    expect((await third.run(["multipath", "-ll"])).stdout).toContain(`mpatha (${tutorialLuns.blank}) dm-1 `);
    expect((await third.line("'id' '-u'")).stdout).toBe("1000\n");
    expect((await third.run(["id", "-u"])).stdout).toBe("0\n");
    expect(await third.line("'multipath' '-ll'")).toMatchObject({ stderr: "need to be root\n", code: 1 });
  });

  it("hold the hard cases", async () => {
    const look = async (login: Login, wwid: string) =>
      (await login.run(["wipefs", "--json", "--output", "DEVICE,OFFSET,TYPE,UUID,LABEL", "--", byId(wwid)])).stdout;
    const types = async (wwid: string) =>
      [...(await look(first, wwid)).matchAll(/"type": "(\w+)"/g)].map(([, type]) => type);
    expect(await types(tutorialLuns.orphan)).toEqual(["LVM2_member"]);
    expect(await types(tutorialLuns.ofAnotherGroup)).toEqual(["LVM2_member"]);
    expect(await types(tutorialLuns.mounted)).toEqual(["ext4"]);
    expect(await types(tutorialLuns.partitioned)).toEqual(["gpt", "gpt", "PMBR"]);
    expect(await types(tutorialLuns.blank)).toEqual([]);

    expect((await second.run(["lsblk", "-J", "-b", "-o", "NAME,MOUNTPOINT"])).stdout).toContain('"/mnt/backup"');
    expect((await first.run(["lsblk", "-J", "-b", "-o", "NAME,MOUNTPOINT"])).stdout).not.toContain('"/mnt/backup"');
    expect((await third.run(["ls", "-l", "/dev/disk/by-id"])).stdout).not.toContain(tutorialLuns.notEverywhere);
    expect((await first.run(["multipath", "-ll"])).stdout).toContain("- 0:0:1:7 sdu 65:64 failed faulty running\n");
  });

  it("say of a missing program what timeout says", async () => {
    expect(await first.run(["nosuchtool"])).toEqual({
      stdout: "",
      stderr: "timeout: failed to run command 'nosuchtool': No such file or directory\n",
      exitCode: 127,
    });
    expect(await first.line("ls | wc")).toMatchObject({ stderr: "sh: syntax not simulated: | wc\n", code: 2 });
  });

  it("compare a LUN with zeroes as cmp does", async () => {
    const compare = (wwid: string) => first.run(["cmp", "--bytes=4194304", "--", byId(wwid), "/dev/zero"]);
    expect(await compare(tutorialLuns.blank)).toMatchObject({ stdout: "", exitCode: 0 });
    expect(await compare(tutorialLuns.orphan)).toMatchObject({
      stdout: `${byId(tutorialLuns.orphan)} /dev/zero differ: char 513, line 1\n`,
      exitCode: 1,
    });
    expect(await first.run(["cmp", "--", "/dev/nosuch", "/dev/zero"])).toMatchObject({ exitCode: 2 });
  });
});

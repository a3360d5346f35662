import { describe, expect } from "vitest";
import { becomesCentos7, becomesFresh, becomesOpenEuler, becomesRocky, byHand, losesLockPackages } from "./by-hand.ts";
import { textIn } from "./message-text.ts";
import { Story } from "./story.ts";
import { itAtLength, itSimulated, luns, patient } from "./target.ts";
import { changes } from "./two-clusters.ts";

const [HOST1, HOST2, HOST3] = ["sharedblock-host1", "sharedblock-host2", "sharedblock-host3"] as const;
const LIMIT_MS = patient(60_000);

/** The lab has no network to install from, one distribution, and one address for all its guests: no block in /etc/hosts. */
describe.concurrent("host prepare: a new host is prepared", { timeout: LIMIT_MS }, () => {
  itSimulated("after its differences were shown, and only once", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await becomesFresh(story, HOST2);
    const hostsBefore = await byHand(story, HOST2, ["cat", "/etc/hosts"]);

    await story.says("/zstack host prepare cluster-1 install=true");
    const plan = await story.shows(
      "Prepare cluster-1",
      `hostname localhost ${HOST2} ${HOST2}`,
      `packages lacks lvm2-lockd, sanlock installed by apt-get ${HOST2}`,
      `lock services missing without their packages: sanlock.service, lvmlockd.service running, now and at boot ${HOST2}`,
    );
    expect(textIn(plan)).toContain("172.20.11.107 sharedblock-host1, 172.20.11.244 sharedblock-host2");
    expect(textIn(plan)).not.toMatch(new RegExp(`^hostname .*${HOST1}`, "m"));
    const began = (await story.hosts.changes()).length;
    await story.clicks("Confirm");
    await story.shows("Prepare cluster-1: done");

    expect(await byHand(story, HOST2, ["uname", "-n"])).toBe(`${HOST2}\n`);
    const hostsAfter = await byHand(story, HOST2, ["cat", "/etc/hosts"]);
    expect(hostsAfter.startsWith(hostsBefore)).toBe(true);
    expect(hostsAfter.slice(hostsBefore.length)).toMatch(
      /^# BEGIN .*\n172\.20\.11\.107\tsharedblock-host1\n172\.20\.11\.244\tsharedblock-host2\n172\.20\.12\.241\tsharedblock-host3\n# END .*\n$/,
    );
    const done = (await story.hosts.changes()).slice(began).filter((line) => line.startsWith(`${HOST2}: `));
    const place = (words: string) => done.findIndex((line) => line.includes(words));
    // Debian starts sanlock at once, which reads its settings only then.
    expect(place("mv --force --no-target-directory -- /etc/sanlock/")).toBeLessThan(place("apt-get"));
    expect(place("apt-get")).toBeGreaterThan(0);

    await story.says("/zstack host prepare cluster-1 install=true");
    await story.shows("already prepared", `${HOST1}, ${HOST2}, ${HOST3}`, "multipath enable cluster-1");

    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank} name=ps-1`);
    await story.confirms("");
    await story.shows("Add ps-1 to cluster-1: done");
  });

  /** The second host lacks packages, which the words don't install. */
  async function preparesWithoutPackages(story: Story): Promise<void> {
    await losesLockPackages(story, HOST2);
    await story.says(`/zstack host prepare ${HOST2}`);
    const plan = await story.shows(
      `Prepare ${HOST2}`,
      `packages lacks lvm2-lockd, sanlock installed, with install=true ${HOST2}`,
      `kernel modules not loaded: dm-round-robin loaded ${HOST2}`,
      `lock services missing without their packages: sanlock.service, lvmlockd.service running, now and at boot, once the packages are installed ${HOST2}`,
      `/zstack host prepare ${HOST2} install=true`,
    );
    expect(textIn(plan)).not.toContain("apt-get");
    await story.clicks("Confirm");
    await story.shows(`Prepare ${HOST2}: done`, `${HOST2} lacks the packages lvm2-lockd, sanlock`);
    await story.says(`/zstack host prepare ${HOST2}`);
    await story.shows("Nothing was changed", `${HOST2} lacks the packages lvm2-lockd, sanlock`, "install=true");
  }
  itAtLength("as far as possible without its packages, which are named with the fix", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await preparesWithoutPackages(story);
  });

  itSimulated("and then with its packages", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await preparesWithoutPackages(story);
    await story.says(`/zstack host prepare ${HOST2} install=true`);
    await story.clicks("Confirm");
    await story.shows(`Prepare ${HOST2}: done`);
    expect(await byHand(story, HOST2, ["systemctl", "is-active", "sanlock", "lvmlockd"])).toBe("active\nactive\n");
  });

  itSimulated("alone, with every host of its cluster in its /etc/hosts", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await changes(story, `host prepare ${HOST3}`);
    await story.shows(`Prepare ${HOST3}: done`);
    expect(await byHand(story, HOST3, ["cat", "/etc/hosts"])).toContain(
      "172.20.11.107\tsharedblock-host1\n172.20.11.244",
    );
  });

  itAtLength("alone: no other host of its cluster is touched", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await changes(story, `host prepare ${HOST3}`);
    await story.shows(`Prepare ${HOST3}: done`);
    const lines = await story.hosts.changes();
    expect(lines).not.toEqual([]);
    expect(lines.filter((line) => !line.startsWith(HOST3))).toEqual([]);
  });

  itSimulated("with the package names of its own family", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await becomesRocky(story, HOST3);
    await byHand(story, HOST3, ["dnf", "--assumeyes", "remove", "device-mapper-multipath", "sanlock"]);
    await story.says(`/zstack host prepare ${HOST3} install=true`);
    await story.shows("Prepare", "lacks device-mapper-multipath, sanlock installed by dnf", "dnf --assumeyes install");
    await story.clicks("Confirm");
    await story.shows(`Prepare ${HOST3}: done`);
    const rpms = ["rpm", "--query", "device-mapper-multipath", "sanlock"] as const;
    expect(await byHand(story, HOST3, rpms)).toBe("device-mapper-multipath\nsanlock\n");
  });

  itSimulated("if an RPM distribution provides the packages under other names", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await becomesOpenEuler(story, HOST3);
    await byHand(story, HOST3, ["dnf", "--assumeyes", "remove", "sanlock"]);
    await story.says(`/zstack host prepare ${HOST3} install=true`);
    // device-mapper-multipath is there as multipath-tools.
    await story.shows("Prepare", `packages lacks sanlock installed by dnf ${HOST3}`);
    await story.clicks("Confirm");
    await story.shows(`Prepare ${HOST3}: done`);
    expect(await byHand(story, HOST3, ["rpm", "--query", "sanlock", "multipath-tools"])).toBe(
      "sanlock\nmultipath-tools\n",
    );
  });

  itSimulated("with the unit name of the lock daemon in its package", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await becomesCentos7(story, HOST3);
    await byHand(story, HOST3, ["yum", "--assumeyes", "remove", "lvm2-lockd"]);
    await story.says(`/zstack host prepare ${HOST3} install=true`);
    await story.shows(
      "Prepare",
      "lacks lvm2-lockd installed by yum",
      "systemctl enable --now -- lvm2-lvmlockd.service",
    );
    await story.clicks("Confirm");
    await story.shows(`Prepare ${HOST3}: done`);
    expect(await byHand(story, HOST3, ["systemctl", "is-active", "lvm2-lvmlockd"])).toBe("active\n");
  });

  itSimulated("also where an installation by hand was interrupted", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await becomesFresh(story, HOST2);
    await byHand(story, HOST2, ["mkdir", "-p", "/var/lib/dpkg/updates"]);
    await byHand(story, HOST2, ["tee", "--", "/var/lib/dpkg/updates/0001"], "Package: sanlock\n");
    await story.says(`/zstack host prepare ${HOST2} install=true`);
    await story.shows(`Prepare ${HOST2}`, "dpkg --force-confold --configure -a");
    await story.clicks("Confirm");
    await story.shows(`Prepare ${HOST2}: done`);
    const names = ["sanlock", "lvm2-lockd"] as const;
    expect(await byHand(story, HOST2, ["dpkg-query", "--show", "--", ...names])).toBe("sanlock\nlvm2-lockd\n");
  });

  itAtLength("while another one is down, which is named and prepared later", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await story.hosts.fault(HOST1, { kind: "down" });
    await story.says("/zstack host prepare cluster-1");
    await story.shows(
      "Prepare cluster-1",
      /Left out: sharedblock-host1: connecting/,
      /Not in .*hosts: .*sharedblock-host1/,
    );
    await story.clicks("Confirm");
    await story.shows("Prepare cluster-1: done");
    await story.hosts.heal(HOST1);
    await story.says("/zstack host prepare cluster-1");
    await story.shows("Prepare cluster-1", `kernel modules not loaded: dm-round-robin loaded ${HOST1}`);
    await story.clicks("Confirm");
    await story.shows("Prepare cluster-1: done");

    await story.hosts.fault(HOST1, { kind: "down" });
    await story.says("/zstack host prepare cluster-1");
    // What the block says of a host that does not answer stays.
    await story.shows("already prepared", `${HOST2}, ${HOST3}`, HOST1);
  });

  itAtLength("and an error on one host does not stop the others", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await story.hosts.fault(HOST1, { kind: "fails", program: "modprobe", exitCode: 1, stderr: "modprobe: ERROR" });
    await story.says("/zstack host prepare cluster-1");
    await story.clicks("Confirm");
    await story.shows("Prepare cluster-1: failed", HOST1);
    for (const host of [HOST2, HOST3]) {
      expect(await byHand(story, host, ["systemctl", "is-active", "sanlock", "lvmlockd"])).toBe("active\nactive\n");
    }
  });

  itSimulated(
    "and a contradicting line in /etc/hosts is reported, and damaged markers too",
    async ({ onTestFinished }) => {
      const story = await Story.begin();
      onTestFinished(() => story.ends());
      const others = `10.9.9.9 ${HOST2} old\n127.0.1.1 ${HOST1}\n`;
      await byHand(story, HOST1, ["tee", "--append", "--", "/etc/hosts"], others);
      await story.says(`/zstack host prepare ${HOST1}`);
      const plan = await story.shows("Prepare", `10.9.9.9 ${HOST2}, and the block says 172.20.11.244`);
      // As Debian's installer writes it.
      expect(textIn(plan).split("Commands, files")[0]).not.toContain("127.0.1.1");
      await story.clicks("Confirm");
      await story.shows(`Prepare ${HOST1}: done`);
      expect(await byHand(story, HOST1, ["cat", "/etc/hosts"])).toContain(`10.9.9.9 ${HOST2} old\n`);
      const text = await byHand(story, HOST1, ["cat", "/etc/hosts"]);
      await byHand(story, HOST1, ["tee", "--", "/etc/hosts"], text.replace(/# END.*\n/, ""));
      await story.says(`/zstack host prepare ${HOST1}`);
      await story.shows(
        "Nothing was changed",
        `/etc/hosts can't be changed on ${HOST1}`,
        /the marks of the bot's block are damaged \(line \d+\)/,
      );
    },
  );
});

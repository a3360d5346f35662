import { afterAll, beforeAll, describe, expect } from "vitest";
import type { Fault } from "../../src/simulator/san/fault.ts";
import { iscsiOf } from "./iscsi-words.ts";
import { textIn } from "./message-text.ts";
import { Story } from "./story.ts";
import { ending, itAtLength, luns, patient } from "./target.ts";
import { addsStorage, changes, clustersOf, HOST1, HOST2, HOST3, storageIn } from "./two-clusters.ts";

const HOSTS = [HOST1, HOST2, HOST3];
const MEBIBYTE = 1024 ** 2;
const LIMIT_MS = patient(120_000);
const allConnected = /host1, \S*host2, \S*host3 Connected/;

/** The program does nothing and reports an error. */
const fails = (program: string, argument?: string): Fault => ({
  kind: "fails",
  ...met(program, argument),
  exitCode: 5,
  stderr: "I/O error",
});
/** The connection is cut before the program began, or after it ended and before its answer. */
const cut = (after: "before" | "effect", program: string, argument?: string): Fault => ({
  kind: "cut during",
  ...met(program, argument),
  after,
});
const met = (program: string, argument: string | undefined) =>
  argument === undefined ? { program } : { program, argument };

/** Changes that must not be made twice if the command is sent again. */
const once =
  /: (wipefs --all -- |vg(create|extend|remove|change) |lv(remove|change) |pv(change|remove|resize) |multipath -f |iscsiadm .*--(login|logout|op=)|tee .*\.zstack-chatops)/;

/** A command and its confirmation: a click, a form that asks for this text, or none. */
interface Words {
  readonly words: string;
  readonly title: string;
  readonly agreed?: { readonly typed: string } | "unasked";
}

/**
 * As `life.test.ts`. Each operation is interrupted once at its most dangerous step, and the same command then finishes
 * it.
 */
describe("any command: the life of a storage in a troubled data centre", { timeout: LIMIT_MS }, () => {
  let story: Story;
  let group: string;
  beforeAll(async () => {
    story = await Story.begin();
  }, LIMIT_MS);
  afterAll(() => story.ends(), LIMIT_MS);

  const known = () => story.bot.world.inventory.current();
  const asks = (words: string, ...shown: (string | RegExp)[]) =>
    story.says(`/zstack ${words}`).then(() => story.shows(...shown));

  /** Sends the command, with a fault of one host if there is one. */
  async function types({ words, title, agreed }: Words, fault?: readonly [host: string, fault: Fault]): Promise<void> {
    if (agreed === "unasked" && fault) await story.hosts.fault(...fault);
    await asks(words, title);
    if (agreed === "unasked") return;
    if (fault) await story.hosts.fault(...fault);
    await (agreed === undefined ? story.clicks("Confirm") : story.confirms(agreed.typed));
  }

  /** The answer reports what is not done and where. The inventory does not change, except for a claim. */
  async function interrupted(what: Words, host: string, fault: Fault, claims = false): Promise<void> {
    const before = known();
    await types(what, [host, fault]);
    const end = fault.kind === "fails" ? "failed" : "unknown";
    await story.shows(`${what.title}: ${end}`, `${host} ${end}: `);
    // The commands for a person are among the details, in the thread if there are two tables.
    await story.shows("Not done", `# on ${host}, ${end}: `);
    if (!claims) expect(known()).toEqual(before);
    await story.hosts.heal(host);
  }

  /** The same command finishes. What was done before the interruption is not done again. */
  async function finished(what: Words, past: readonly string[], ...shown: (string | RegExp)[]): Promise<string[]> {
    await types(what);
    await story.shows(`${what.title}: done`, ...shown);
    const count = (lines: readonly string[], line: string) => lines.filter((each) => each === line).length;
    const now = await story.hosts.changes();
    const ran = [...new Set(now)].flatMap((line) => Array<string>(count(now, line) - count(past, line)).fill(line));
    expect(ran.filter((line, at) => once.test(line) && ran.indexOf(line) !== at)).toEqual([]);
    return ran;
  }

  /** Both, and how often the program ran in total. */
  async function troubled(what: Words, host: string, fault: Fault, [program, times]: readonly [RegExp, number]) {
    const past = await story.hosts.changes();
    await interrupted(what, host, fault);
    const ran = await finished(what, past);
    expect(ran.filter((line) => program.test(line))).toHaveLength(times);
  }

  itAtLength("hosts are prepared, although one is cut off before its lock services start", async () => {
    const what = { words: "host prepare cluster-1", title: "Prepare cluster-1" };
    await troubled(what, HOST2, cut("before", "systemctl", "enable"), [/ tee .*\/sanlock\.conf/, 3]);
    await asks("host prepare cluster-1", "Nothing was changed", "already prepared");
  });

  itAtLength("a LUN gets one name, although a daemon does not reload its settings", async () => {
    const what = { words: "multipath enable cluster-1 names=wwid", title: "Enable multipath on cluster-1" };
    await troubled(what, HOST3, cut("before", "multipathd", "reconfigure"), [
      new RegExp(`${HOST3}: tee .*multipath\\.conf`),
      1,
    ]);
    await asks("multipath enable cluster-1 names=wwid", "Nothing was changed");
  });

  itAtLength("a host leaves its target, although the answer to the first logout is lost, and comes back", async () => {
    const { iqn, portals } = await iscsiOf(story, HOST3);
    const leaves = { words: `iscsi logout ${HOST3} target=${iqn}`, title: `Log ${HOST3} out of ${iqn}` };
    await troubled(leaves, HOST3, cut("effect", "iscsiadm", "--logout"), [/--logout/, portals.length]);
    const words = `iscsi login ${HOST3} portal=${portals.join(",")} target=${iqn}`;
    const comes = { words, title: `Log ${HOST3} in to ${iqn}` };
    await troubled(comes, HOST3, fails("iscsiadm", "--login"), [/--login/, portals.length]);
    const list = textIn(await asks(`iscsi list ${HOST3}`, `${portals.length} iSCSI sessions`));
    expect(list.match(/^logged in /gm)).toHaveLength(portals.length);
  });

  itAtLength("a storage grows by a LUN, although its backup fails and later an answer is lost", async () => {
    await addsStorage(story);
    group = storageIn(story).uuid;
    const words = `sharedblock extend ps-1 wwid=${luns.orphan} wipe=true`;
    const what = { words, title: "Extend ps-1", agreed: { typed: ending(luns.orphan) } };
    const past = await story.hosts.changes();
    await interrupted(what, HOST1, fails("dd"), true);
    expect((await story.hosts.changes()).filter((line) => /: wipefs --all -- /.test(line))).toEqual([]);
    await interrupted(what, HOST1, cut("effect", "vgextend"), true);
    expect(storageIn(story).sharedBlocks[1]).toMatchObject({ wwid: luns.orphan, addedAt: null });
    const ran = await finished(what, past, "Capacity");
    expect(ran.filter((line) => /: (wipefs --all -- |vgextend )/.test(line))).toHaveLength(2);
    expect(storageIn(story).sharedBlocks.map(({ addedAt }) => addedAt)).not.toContain(null);
    await story.hosts.makesVolume(group, "vol-1", 256 * MEBIBYTE);
    await story.hosts.makesVolume(group, "vol-2", 512 * MEBIBYTE);
    await story.hosts.activates(group, "vol-2", HOST2);
  });

  itAtLength("it is disabled, although the answer is lost", async () => {
    const what = { words: "sharedblock disable ps-1", title: "Disable ps-1" };
    await troubled(what, HOST1, cut("effect", "pvchange"), [/: pvchange /, 1]);
    expect(storageIn(story).state).toBe("Disabled");
    await expect(story.hosts.makesVolume(group, "vol-3", 64 * MEBIBYTE)).rejects.toThrow();
  });

  itAtLength("it follows its LUN, although the answer is lost", async () => {
    const size = () => storageIn(story).sharedBlocks.find(({ wwid }) => wwid === luns.blank)?.sizeBytes ?? 0;
    const grown = size() + 2 * 1024 ** 3;
    await story.hosts.grows(luns.blank, grown);
    const what = { words: "sharedblock resize ps-1", title: "Resize ps-1" };
    await troubled(what, HOST1, cut("effect", "pvresize"), [/: pvresize /, 1]);
    expect(size()).toBe(grown);
    await asks("sharedblock resize ps-1", "Nothing was changed", "nothing grew");
  });

  itAtLength("it goes into maintenance, although a volume stays active at first", async () => {
    const words = { words: "sharedblock maintain ps-1", title: "Take ps-1 into maintenance", agreed: { typed: "" } };
    await troubled(words, HOST2, fails("lvchange", "--activate"), [/: (lvchange|vgchange --lockstop) /, 4]);
    expect(storageIn(story).state).toBe("Maintenance");
  });

  itAtLength("it is enabled, and later a host that was cut off, although an answer is lost", async () => {
    const past = await story.hosts.changes();
    const enable = { words: "sharedblock enable ps-1", title: "Enable ps-1", agreed: "unasked" } as const;
    // The desired state stays recorded, and reports nothing about a host.
    await interrupted(enable, HOST2, cut("before", "vgchange", "--lockstart"), true);
    await asks("sharedblock show ps-1", "Enabled", /host1, \S*host3 Connected[\s\S]*host2 Disconnected/);
    const words = `sharedblock reconnect ps-1 ${HOST2}`;
    const reconnect = { words, title: `Reconnect ${HOST2} to ps-1`, agreed: "unasked" } as const;
    await interrupted(reconnect, HOST2, cut("effect", "vgchange", "--lockstart"));
    const ran = await finished(reconnect, past, "hosts connected: 3/3");
    await story.shows("Steps, hosts and LUNs", allConnected);
    expect(ran.filter((line) => line.includes(": vgchange --lockstart "))).toHaveLength(3);
    expect(ran.filter((line) => line.includes(": pvchange "))).toHaveLength(1);
    await story.hosts.makesVolume(group, "vol-3", 64 * MEBIBYTE);
  });

  itAtLength("it leaves its cluster, although the answer about the last lock is lost", async () => {
    const what = { words: "sharedblock detach ps-1 cluster-1", title: "Detach ps-1 from cluster-1" };
    await troubled(what, HOST3, cut("effect", "vgchange", "--lockstop"), [/: vgchange --lockstop /, 3]);
    expect(clustersOf(story)).toEqual([]);
  });

  itAtLength("it is attached to its cluster, although the bot is stopped while one host connects", async () => {
    const words = "sharedblock attach ps-1 cluster-1";
    const what = { words, title: "Attach ps-1 to cluster-1" };
    const asked = (await story.audit()).length;
    await types(what, [HOST2, { kind: "hangs", program: "vgchange", argument: "--lockstart" }]);
    /** Where the locks were started, and whether an end was seen. */
    const joined = async () => {
      const events = (await story.audit()).slice(asked).map(({ event }) => event);
      const steps = events.flatMap((event) => (event.kind === "began" ? [event] : []));
      const starts = steps.filter(({ argv }) => argv.includes("--lockstart"));
      return starts.map(({ host, stepId }) => [
        host,
        events.some((event) => event.kind === "finished" && event.stepId === stepId),
      ]);
    };
    await expect
      .poll(async () => Object.fromEntries(await joined()), { timeout: patient(20_000) })
      .toEqual({ [HOST1]: true, [HOST2]: false, [HOST3]: true });
    await story.restartsBot();
    await story.shows("Attach ps-1 to cluster-1: unknown", HOST2);
    expect(clustersOf(story)).toEqual([]);
    await story.hosts.heal(HOST2);
    const ran = await finished(what, await story.hosts.changes(), "hosts connected: 3/3");
    await story.shows("Steps, hosts and LUNs", allConnected);
    const started = ran.filter((line) => line.includes(": vgchange --lockstart "));
    expect(started).toEqual([expect.stringContaining(HOST2)]);
    expect(clustersOf(story)).toEqual(["cluster-1"]);
  });

  itAtLength("it is deleted with its volumes, although two answers are lost", async () => {
    await changes(story, "sharedblock detach ps-1 cluster-1");
    await story.shows("Detach ps-1 from cluster-1: done");
    const past = await story.hosts.changes();
    const words = "sharedblock delete ps-1 volumes=destroy";
    const what = { words, title: "Delete ps-1", agreed: { typed: "ps-1" } };
    await interrupted(what, HOST1, cut("effect", "lvremove"));
    await interrupted(what, HOST1, cut("effect", "vgremove"));
    const ran = await finished(what, past);
    const destroyed = ran.flatMap((line) => /: (lvremove|vgremove) .*?(\S+)$/.exec(line)?.slice(1, 3).join(" ") ?? []);
    const volumes = ["vol-1", "vol-2", "vol-3"].map((name) => `lvremove ${group}/${name}`);
    expect(destroyed).toEqual([...volumes, `vgremove ${group}`]);
    expect(known().primaryStorages).toEqual([]);
    const list = textIn(await asks("lun list cluster-1", "LUNs on 3 hosts"));
    for (const wwid of [luns.blank, luns.orphan])
      expect(list).toMatch(new RegExp(`…${wwid.slice(-6)} \\S+ no signature none `));
  });

  itAtLength("one of its LUNs gets its wiped data back, although the write is cut off at first", async () => {
    const words = `lun rescue ${luns.orphan}`;
    const what = { words, title: `Rescue ${luns.orphan}`, agreed: { typed: ending(luns.orphan) } };
    const past = await story.hosts.changes();
    // The second of the two copies writes to the LUN.
    await interrupted(what, HOST1, cut("before", "dd", "oflag=seek_bytes"));
    await finished(what, past, "Read from the disk");
    await asks("lun list cluster-1", new RegExp(`orphan PV .*${luns.orphan}`));
  });

  itAtLength("and one is removed, although the second host can't flush its map at first", async () => {
    for (const host of HOSTS) await story.hosts.unmaps(luns.blank, host);
    const words = `lun forget cluster-1 ${luns.blank}`;
    const what = { words, title: `Forget ${luns.blank} on the hosts of cluster-1` };
    await troubled(what, HOST2, fails("multipath", "-f"), [/: multipath -f /, 3]);
    await asks(`lun show cluster-1 ${luns.blank}`, "no host sees a LUN of that name");
  });
});

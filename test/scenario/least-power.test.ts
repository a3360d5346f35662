import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { z } from "zod";
import { ROOT_HELPER } from "../../src/host/root-helper/installed.ts";
import { rootHelper } from "../../src/host/root-helper/program.ts";
import { byHand } from "./by-hand.ts";
import { Story } from "./story.ts";
import { ending, itSimulated, luns, patient } from "./target.ts";
import { changes, HOST1, HOST2, HOST3 } from "./two-clusters.ts";

const HOSTS = [HOST1, HOST2, HOST3];
const LIMIT_MS = patient(120_000);

const fileSchema = z.looseObject({ path: z.string(), content: z.string() });
const sanHost = z.looseObject({ user: z.string(), directories: z.array(z.string()), files: z.array(fileSchema) });
const sanSchema = z.looseObject({ hosts: z.array(sanHost) });
const inventorySchema = z.looseObject({
  inventory: z.looseObject({ hosts: z.array(z.looseObject({ user: z.string() })) }),
});

/** Changes the stopped simulation: each host, as it is on disk. */
async function changesHosts(story: Story, change: (host: z.output<typeof sanHost>) => z.output<typeof sanHost>) {
  const path = join(story.directory, "simulated-san.json");
  const san = sanSchema.parse(JSON.parse(await readFile(path, "utf8")));
  await writeFile(path, JSON.stringify({ ...san, hosts: san.hosts.map(change) }));
}

/** Every host is reached as a user without root, who may run anything through sudo. */
async function hasUsersWithoutRoot(story: Story): Promise<void> {
  await story.restartsBot(async () => {
    await changesHosts(story, (host) => ({
      ...host,
      user: "zstack",
      directories: [...host.directories, "/home/zstack"],
    }));
    const path = join(story.directory, "inventory.json");
    const file = inventorySchema.parse(JSON.parse(await readFile(path, "utf8")));
    const hosts = file.inventory.hosts.map((host) => ({ ...host, user: "zstack" }));
    await writeFile(path, JSON.stringify({ ...file, inventory: { ...file.inventory, hosts } }));
  });
}

async function sudoAllowsOnlyTheHelper(story: Story): Promise<void> {
  for (const host of HOSTS) await story.hosts.fault(host, { kind: "sudo allows only the root helper" });
}

/** The lab's guests have one user each, and the lab itself comes in through it. */
describe.concurrent("host prepare: a login user without root", { timeout: LIMIT_MS }, () => {
  itSimulated("does the main job with the root helper alone", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await hasUsersWithoutRoot(story);
    await story.says("/zstack host prepare cluster-1 install=true");
    await story.shows(
      "Prepare cluster-1",
      `root helper none the version of this bot ${HOST1}, ${HOST2}, ${HOST3}`,
      ROOT_HELPER,
      /… \d+ lines, SHA-256 [0-9a-f]{64}/,
    );
    await story.clicks("Confirm");
    await story.shows("Prepare cluster-1: done");
    expect(await byHand(story, HOST1, ["cat", "--", ROOT_HELPER])).toBe(rootHelper().text);

    await story.says(`/zstack host show ${HOST2}`);
    await story.shows(`Host ${HOST2}`, "root helper: the version of this bot");

    // The bot notices it on its open connections.
    await sudoAllowsOnlyTheHelper(story);
    await story.says("/zstack host prepare cluster-1");
    await story.shows("already prepared", `${HOST1}, ${HOST2}, ${HOST3}`);
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 wipe=true`);
    await story.confirms(ending(luns.orphan));
    await story.shows("Add ps-1 to cluster-1: done", "Connected", "Backup of");
    await story.says(`/zstack sharedblock extend ps-1 wwid=${luns.blank}`);
    await story.confirms("");
    await story.shows("Extend ps-1: done");
    await story.says("/zstack cluster check cluster-1");
    await story.shows("cluster-1: 2 at risk", "tools: all answer", "services: on");
    await changes(story, "sharedblock detach ps-1 cluster-1");
    await story.shows("Detach ps-1 from cluster-1: done");
    await story.says("/zstack sharedblock delete ps-1");
    await story.confirms("ps-1");
    await story.shows("Delete ps-1: done");

    await expect(byHand(story, HOST1, ["id", "-u"])).rejects.toThrow("the root helper does not run this id command");
    await expect(byHand(story, HOST1, ["tee", "--", "/etc/hosts"], "x\n")).rejects.toThrow("the root helper does not");
  });

  itSimulated("learns that its root helper is of another version", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await hasUsersWithoutRoot(story);
    await story.says("/zstack host prepare cluster-1 install=true");
    await story.clicks("Confirm");
    await story.shows("Prepare cluster-1: done");
    const { version, text } = rootHelper();
    const old = text.replaceAll(version, "1-0000000000000000");
    await story.restartsBot(() =>
      changesHosts(story, (host) => ({
        ...host,
        files: host.files.map((file) => (file.path === ROOT_HELPER ? { ...file, content: old } : file)),
      })),
    );

    await sudoAllowsOnlyTheHelper(story);
    await story.says("/zstack host prepare cluster-1");
    await story.shows(
      "already prepared",
      `${HOST1}, ${HOST2}, ${HOST3} have a root helper of another version`,
      "deploy/zstack-chatops-run",
    );
    await story.says(`/zstack host show ${HOST1}`);
    await story.shows(`Host ${HOST1}`, "root helper: another version", `/zstack host prepare ${HOST1}`);
    // What both versions know still runs.
    await story.says("/zstack lun list cluster-1");
    await story.shows(/LUNs on 3 hosts/);

    for (const host of HOSTS) await story.hosts.heal(host);
    await story.restartsBot();
    await story.says("/zstack host prepare cluster-1");
    await story.shows("Prepare cluster-1", `root helper another version the version of this bot ${HOST1}`);
    await story.clicks("Confirm");
    await story.shows("Prepare cluster-1: done");
    expect(await byHand(story, HOST2, ["cat", "--", ROOT_HELPER])).toBe(text);
  });

  itSimulated("needs Perl, which is installed if its host lacks it", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await byHand(story, HOST3, ["apt-get", "--yes", "remove", "perl-base"]);
    await story.says(`/zstack host prepare ${HOST3}`);
    await story.shows(
      `Prepare ${HOST3}`,
      `root helper none, and no Perl the version of this bot, once the packages are installed ${HOST3}`,
    );
    await story.says(`/zstack host prepare ${HOST3} install=true`);
    await story.shows(`Prepare ${HOST3}`, "install perl-base # brings Perl, which runs it");
    await story.clicks("Confirm");
    await story.shows(`Prepare ${HOST3}: done`);
    expect(await byHand(story, HOST3, ["cat", "--", ROOT_HELPER])).toBe(rootHelper().text);
  });
});

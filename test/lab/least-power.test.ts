import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { rootHelper } from "../../src/host/root-helper/program.ts";
import { Story } from "../scenario/story.ts";
import { ending, luns } from "../scenario/target.ts";
import { typeIn } from "./control.ts";

const USER = "zstack-chatops";
const inventorySchema = z.looseObject({
  inventory: z.looseObject({ hosts: z.array(z.looseObject({ name: z.string(), user: z.string() })) }),
});

/** The user of docs/least-power.md, with the key of the host's other user. It may run any program for now. */
const addsUser = (otherUser: string): string => `
id ${USER} >/dev/null 2>&1 || useradd --create-home --shell /bin/bash --password '*' ${USER}
cp /etc/ssh/lab-keys/${otherUser} /etc/ssh/lab-keys/${USER}
echo '${USER} ALL=(root) NOPASSWD: ALL' > /etc/sudoers.d/${USER}
chmod 440 /etc/sudoers.d/${USER}`;

/** The lab itself comes in as another user. */
describe.skipIf(process.env.LAB_RUN === "short")("on real hosts a login user without root", () => {
  let story: Story;
  afterEach(() => story.ends());

  async function logsInAsTheUser(): Promise<void> {
    const path = join(story.directory, "inventory.json");
    const file = inventorySchema.parse(JSON.parse(await readFile(path, "utf8")));
    for (const { name, user } of file.inventory.hosts) await typeIn(name, addsUser(user));
    const hosts = file.inventory.hosts.map((host) => ({ ...host, user: USER }));
    await writeFile(path, JSON.stringify({ ...file, inventory: { ...file.inventory, hosts } }));
  }

  async function sudoAllowsOnlyTheRootHelper(): Promise<void> {
    const sudoers = await readFile(new URL("../../deploy/zstack-chatops.sudoers", import.meta.url), "utf8");
    const install = `cat > /tmp/sudoers <<'END'\n${sudoers}END
visudo --check --file /tmp/sudoers && install -m 440 /tmp/sudoers /etc/sudoers.d/${USER}`;
    for (const host of story.hosts.names) await typeIn(host, install);
  }

  it("does the main job with Debian's sudo and Perl, and may run nothing but the root helper", async () => {
    story = await Story.begin("quick");
    await story.isMeddledWith();
    await story.restartsBot(logsInAsTheUser);
    await story.says("/zstack host prepare cluster-1 install=true");
    await story.shows("Prepare cluster-1", "the version of this bot");
    await story.clicks("Confirm");
    await story.shows("Prepare cluster-1: done");
    await sudoAllowsOnlyTheRootHelper();
    const [host = ""] = story.hosts.names;
    expect(await typeIn(host, `sudo -l -U ${USER}`)).toContain('/usr/local/sbin/zstack-chatops-run ""');
    const denied = `su ${USER} -c 'sudo -n id' 2>&1 || echo denied`;
    expect(await typeIn(host, denied)).toContain("denied");
    expect(await typeIn(host, "cat /usr/local/sbin/zstack-chatops-run")).toBe(rootHelper().text);

    await story.says("/zstack host prepare cluster-1");
    await story.shows("already prepared");
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 wipe=true`);
    await story.confirms(ending(luns.orphan));
    await story.shows("Add ps-1 to cluster-1: done", "Connected");
    await story.says(`/zstack sharedblock extend ps-1 wwid=${luns.blank}`);
    await story.confirms("");
    await story.shows("Extend ps-1: done");
    await story.says("/zstack cluster check cluster-1");
    await story.shows("cluster-1:", "tools: all answer");
    await story.says("/zstack sharedblock detach ps-1 cluster-1");
    await story.clicks("Confirm");
    await story.shows("Detach ps-1 from cluster-1: done");
    await story.says("/zstack sharedblock delete ps-1");
    await story.confirms("ps-1");
    await story.shows("Delete ps-1: done");
  });
});

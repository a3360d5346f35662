import { expect } from "vitest";
import { textIn } from "./message-text.ts";
import { itAtLength, patient } from "./target.ts";
import { withStorage } from "./with-storage.ts";

const HOST2 = "sharedblock-host2";

itAtLength(
  "the desired state is shown with the observed status and its age; refresh=true observes again",
  { timeout: patient(60_000) },
  async ({ onTestFinished }) => {
    const story = await withStorage();
    onTestFinished(() => story.ends());

    await story.says("/zstack sharedblock show ps-1");
    await story.shows("Status, observed now");
    await story.says("/zstack sharedblock list");
    const list = await story.shows("desired state", "status (observed)", /ps-1 3 of 3 Connected Enabled/);
    expect(textIn(list)).toMatch(/Enabled [\d.]+ [TG]B [\d.]+ [TG]B (now|\d+ s ago) 1 cluster-1/);

    // The last observation asks no host, so it does not notice that no host answers.
    for (const name of story.hosts.names) await story.hosts.fault(name, { kind: "down" });
    await story.says("/zstack inventory");
    const inventory = await story.shows("status (observed)", /cluster-1 3 of 3 Connected ps-1 Enabled/);
    await story.says("/zstack sharedblock show ps-1 refresh=false");
    const last = await story.shows(
      "as last seen",
      /host1, \S*host2, \S*host3 Connected · seen (now|\d+ s ago) · sanlock host ids 1–3/,
    );
    for (const answer of [inventory, last]) expect(textIn(answer)).not.toContain("Not known");
    for (const name of story.hosts.names) await story.hosts.heal(name);

    await story.hosts.powerOff(HOST2);
    await story.says("/zstack inventory refresh=true");
    await story.shows(/2 of 3 Connected; sharedblock-host2 Unknown ps-1 Enabled/, "Not known");
    await story.says("/zstack sharedblock list");
    await story.shows(/2 of 3 Connected; sharedblock-host2 Unknown/);

    await story.hosts.powerOn(HOST2);
    await story.says("/zstack sharedblock show ps-1");
    await story.shows("Status, observed now", /host2 Disconnected/, "/zstack sharedblock reconnect ps-1");

    await story.restartsBot();
    await story.says("/zstack sharedblock list");
    await story.shows(/ps-1 not observed yet Enabled unknown unknown never/, "/zstack sharedblock list refresh=true");
    await story.says("/zstack sharedblock list refresh=true");
    await story.shows(/2 of 3 Connected; sharedblock-host2 Disconnected/);
  },
);

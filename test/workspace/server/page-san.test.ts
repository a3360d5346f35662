import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tutorialLuns as luns } from "../../../src/simulator/san/tutorial-san.ts";
import { type SimulatedHosts, startSimulatedHosts } from "../../../src/simulator/simulated-hosts.ts";
import { SanWords } from "../../../src/simulator/words/san-words.ts";
import { type PageEvent, sanSchema } from "../../../src/workspace/page-protocol.ts";
import { type LocalWorkspace, startWorkspace } from "../../../src/workspace/server/local-workspace.ts";

const HOST = "sharedblock-host1";

let san: SimulatedHosts;
let workspace: LocalWorkspace;
beforeEach(async () => {
  san = await startSimulatedHosts({ directory: null });
  const people = [{ id: "U0ALICE01", name: "alice" }];
  workspace = await startWorkspace({ port: 0, people, completions: [], notice: null });
});
afterEach(async () => {
  await workspace.stop();
  await san.stop();
});

const says = (words: unknown) =>
  fetch(`${workspace.url}page/san`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ words }),
  });

describe("the page's simulated SAN", () => {
  it("is there only if it was offered", async () => {
    expect(workspace.state().breaksSan).toBe(false);
    expect((await fetch(`${workspace.url}page/san`)).status).toBe(404);
    expect((await says(`host-down ${HOST}`)).status).toBe(404);
    workspace.offerSan(new SanWords(san, () => []), "It is posted after 5 s.");
    expect(workspace.state()).toMatchObject({ breaksSan: true, sanHint: "It is posted after 5 s." });
    const choices = sanSchema.parse(await (await fetch(`${workspace.url}page/san`)).json());
    expect(choices.hosts.map(({ name }) => name)).toContain(HOST);
  });

  it("breaks by words, and notifies the page once", async () => {
    workspace.offerSan(new SanWords(san, () => []));
    const events: PageEvent[] = [];
    workspace.subscribe((event) => void events.push(event));
    const answer = await says(`portal-fail 0x590b11c0463f8e00`);
    expect(await answer.json()).toEqual({ text: expect.stringContaining("does not answer") });
    await expect.poll(() => events).toEqual([{ kind: "san changed" }]);
    expect(san.san.host(HOST).paths.find(({ wwid }) => wwid === luns.blank)?.state).toBe("failed");
  });

  it("answers a refusal with its lines, and wrong bodies with the field", async () => {
    workspace.offerSan(new SanWords(san, () => []));
    const refused = await says("host-down host9");
    expect(refused.status).toBe(400);
    expect(await refused.json()).toEqual({
      field: "words",
      error: expect.stringMatching(
        /^words: NOT_FOUND {2}There is no host "host9"\n•.*\nFix: type one of: sharedblock-host1/,
      ),
    });
    expect(await (await says(7)).json()).toMatchObject({ field: "words" });
  });
});

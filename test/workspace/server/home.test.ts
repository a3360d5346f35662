import { expect, it } from "vitest";
import { actions, button, divider, plain } from "./blocks.ts";
import { alice, appFor, bob, slackErrorOf, socketClientFor, until, workspaceFor } from "./connected-app.ts";

const home = (text: string, more: object = {}) => ({
  type: "home" as const,
  blocks: [{ type: "header" as const, text: { type: "plain_text" as const, text } }],
  ...more,
});

it("delivers app_home_opened when a person opens the Home tab, and the view once there is one", async () => {
  const workspace = await workspaceFor();
  const client = await socketClientFor(workspace);
  const events: Record<string, unknown>[] = [];
  client.on("app_home_opened", async ({ ack, event }) => {
    events.push(event);
    await ack();
  });
  await workspace.openHome({ person: alice.id });
  expect(events[0]).toMatchObject({ type: "app_home_opened", user: alice.id, channel: "D0ALICE", tab: "home" });
  expect(events[0]).not.toHaveProperty("view");
  const app = await appFor(workspace, () => undefined);
  await app.client.views.publish({ user_id: alice.id, view: home("Hello") });
  await workspace.openHome({ person: alice.id });
  await until(() => events.length > 1);
  expect(events[1]).toMatchObject({ view: { type: "home", blocks: [{ type: "header" }] } });
  await expect(workspace.openHome({ person: "U0NOBODY" })).rejects.toThrow("nobody here has the id");
});

it("keeps one Home for each person, and shows it on the page", async () => {
  const workspace = await workspaceFor();
  const { client } = await appFor(workspace, () => undefined);
  const first = await client.views.publish({ user_id: alice.id, view: home("one") });
  const second = await client.views.publish({ user_id: alice.id, view: home("two"), hash: first.view?.hash ?? "" });
  await client.views.publish({ user_id: bob.id, view: home("three") });
  expect(second.view?.id).toBe(first.view?.id);
  const shown = workspace
    .state()
    .homes.map(({ person, blocks }) => [person, JSON.stringify(blocks).match(/"text":"(\w+)"/)?.[1]]);
  expect(shown).toEqual([
    [alice.id, "two"],
    [bob.id, "three"],
  ]);
  const stale = client.views.publish({ user_id: alice.id, view: home("four"), hash: first.view?.hash ?? "" });
  expect((await slackErrorOf(stale)).error).toBe("hash_conflict");
  const named = (user_id: string) => client.views.publish({ user_id, view: home("x", { external_id: "mine" }) });
  await named(alice.id);
  expect((await slackErrorOf(named(bob.id))).error).toBe("duplicate_external_id");
  expect((await slackErrorOf(client.views.publish({ user_id: "U0NOBODY", view: home("x") }))).error).toBe(
    "invalid_arguments",
  );
});

it("refuses what Slack refuses in a Home", async () => {
  const workspace = await workspaceFor();
  const { client } = await appFor(workspace, () => undefined);
  const refusal = async (view: object) =>
    // A view that the types of the client do not know.
    slackErrorOf(client.apiCall("views.publish", { user_id: alice.id, view: JSON.stringify(view) }));
  expect(await refusal(home("x", { title: plain("x") }))).toMatchObject({ error: "invalid_arguments" });
  expect(await refusal({ type: "modal", title: plain("x"), blocks: [] })).toMatchObject({ error: "invalid_arguments" });
  expect(await refusal(home("x", { blocks: [{ type: "markdown", text: "x" }] }))).toMatchObject({
    error: "invalid_arguments",
  });
  expect(await refusal(home("x", { blocks: Array(101).fill(divider) }))).toMatchObject({ error: "invalid_arguments" });
  expect(await refusal(home("x", { private_metadata: "x".repeat(250_000) }))).toMatchObject({
    error: "view_too_large",
  });
});

it("delivers a click on a Home without any channel, and only of its own person", async () => {
  const workspace = await workspaceFor();
  const clicks: Record<string, unknown>[] = [];
  const app = await appFor(workspace, (listening) =>
    listening.action("go", async ({ ack, body }) => {
      clicks.push({ ...body });
      await ack();
    }),
  );
  const view = home("x", { blocks: [{ ...actions(button("go", { value: "v" })), block_id: "b" }] });
  await app.client.views.publish({ user_id: alice.id, view });
  const [published] = workspace.state().homes;
  const click = { messageTs: published?.id ?? "", blockId: "b", actionId: "go" };
  await workspace.click({ person: alice.id, ...click });
  expect(clicks[0]).toMatchObject({
    type: "block_actions",
    view: { type: "home" },
    container: { type: "view" },
    user: { id: alice.id },
  });
  expect(clicks[0]).not.toHaveProperty("channel");
  expect(clicks[0]).not.toHaveProperty("response_url");
  await expect(workspace.click({ person: bob.id, ...click })).rejects.toThrow("this person sees no such message");
});

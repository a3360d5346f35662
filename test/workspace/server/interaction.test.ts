import { describe, expect, it } from "vitest";
import type { LocalWorkspace } from "../../../src/workspace/server/local-workspace.ts";
import {
  alice,
  appFor,
  bob,
  confirmButton,
  messages,
  slackErrorOf,
  storage,
  troublesOf,
  until,
  workspaceFor,
} from "./connected-app.ts";

const plan = { channel: storage, text: "plan", blocks: [confirmButton] };
const confirm = { person: alice.id, blockId: "plan", actionId: "confirm" };
const modal = {
  type: "modal" as const,
  callback_id: "confirm",
  private_metadata: "op-1",
  title: { type: "plain_text" as const, text: "Confirm" },
  submit: { type: "plain_text" as const, text: "Confirm" },
  close: { type: "plain_text" as const, text: "Back" },
  notify_on_close: true,
  blocks: [
    {
      type: "input" as const,
      block_id: "wwid",
      label: { type: "plain_text" as const, text: "Last six characters of the WWID" },
      element: { type: "plain_text_input" as const, action_id: "typed", max_length: 6 },
    },
  ],
};

describe("a click", () => {
  it("comes with the message, the button and a response_url that can replace the message", async () => {
    const workspace = await workspaceFor();
    const seen: unknown[] = [];
    const app = await appFor(workspace, (app) =>
      app.action("confirm", async ({ ack, action, body, respond }) => {
        await ack();
        seen.push({ action, message: "message" in body && body.message?.text, user: body.user.id });
        await respond({ replace_original: true, text: "confirmed" });
      }),
    );
    const { ts } = await app.client.chat.postMessage(plan);
    await workspace.click({ ...confirm, messageTs: ts ?? "" });
    await until(() => workspace.state().messages[0]?.text === "confirmed");
    expect(seen).toMatchObject([
      {
        action: { type: "button", action_id: "confirm", block_id: "plan", value: "op-1" },
        message: "plan",
        user: "U0ALICE",
      },
    ]);
    expect(workspace.state().messages).toMatchObject([{ ts, text: "confirmed", blocks: [], edited: true }]);
  });

  it("comes twice when it is a double click", async () => {
    const workspace = await workspaceFor();
    const triggers = new Set<string>();
    const app = await appFor(workspace, (app) =>
      app.action("confirm", async ({ ack, body }) => {
        await ack();
        if ("trigger_id" in body) triggers.add(body.trigger_id);
      }),
    );
    const { ts: messageTs = "" } = await app.client.chat.postMessage(plan);
    await Promise.all([workspace.click({ ...confirm, messageTs }), workspace.click({ ...confirm, messageTs })]);
    await until(() => triggers.size === 2);
  });

  it("without an ack warns the person who clicked", async () => {
    const workspace = await workspaceFor({ timings: { ackMs: 100 } });
    const troubles = troublesOf(workspace);
    const app = await appFor(workspace, (app) => app.action("confirm", async () => {}));
    const { ts = "" } = await app.client.chat.postMessage(plan);
    await workspace.click({ ...confirm, messageTs: ts });
    expect(troubles).toEqual(['⚠️ "Confirm" failed: the app did not answer in time.']);
  });

  it("on an ephemeral message comes without the message", async () => {
    const workspace = await workspaceFor();
    const bodies: Record<string, unknown>[] = [];
    const app = await appFor(workspace, (app) =>
      app.action("confirm", async ({ ack, body, respond }) => {
        await ack();
        bodies.push({ ...body });
        await respond({ delete_original: true });
      }),
    );
    const { message_ts = "" } = await app.client.chat.postEphemeral({ ...plan, user: alice.id });
    await expect(workspace.click({ ...confirm, person: bob.id, messageTs: message_ts })).rejects.toThrow("messageTs");
    await workspace.click({ ...confirm, messageTs: message_ts });
    await until(() => workspace.state().messages.length === 0);
    expect(bodies).toMatchObject([{ container: { is_ephemeral: true, message_ts } }]);
    expect(bodies[0]).not.toHaveProperty("message");
  });

  it("on an object that is not there is refused, with its name", async () => {
    const workspace = await workspaceFor();
    const app = await appFor(workspace, () => {});
    const { ts = "" } = await app.client.chat.postMessage(plan);
    const wrong = [{ messageTs: "1.1" }, { blockId: "other" }, { actionId: "other" }, { person: "U0EVE" }];
    for (const part of wrong) {
      await expect(workspace.click({ ...confirm, messageTs: ts, ...part })).rejects.toThrow(Object.keys(part)[0] ?? "");
    }
  });
});

describe("a modal", () => {
  /** An app with a button that opens the modal, and a person who clicked it. */
  async function opened(submitted: (typed: string | null | undefined) => object | undefined) {
    const workspace = await workspaceFor();
    const closed: string[] = [];
    const app = await appFor(workspace, (app) => {
      app.action("confirm", async ({ ack, body, client }) => {
        await ack();
        if ("trigger_id" in body) await client.views.open({ trigger_id: body.trigger_id, view: modal });
      });
      app.view("confirm", async ({ ack, view }) => {
        const answer = submitted(view.state.values.wwid?.typed?.value);
        if (answer === undefined) await ack();
        // The shapes of all response actions are tried here, also wrong ones. So they have no type.
        else await (ack as (answer: object) => Promise<void>)(answer);
      });
      app.view({ callback_id: "confirm", type: "view_closed" }, async ({ ack, view }) => {
        await ack();
        closed.push(view.private_metadata);
      });
    });
    const { ts = "" } = await app.client.chat.postMessage(plan);
    await workspace.click({ ...confirm, messageTs: ts });
    await until(() => workspace.state().views.length === 1);
    const viewId = workspace.state().views[0]?.id ?? "";
    const submit = (typed: string) => workspace.submit({ person: alice.id, viewId, values: { wwid: { typed } } });
    return { workspace, app, viewId, submit, closed };
  }
  const titles = (workspace: LocalWorkspace) => workspace.state().views.map(({ title }) => title);

  it("is opened by the click, shown to that person, and closed when its submission is accepted", async () => {
    const { workspace, submit } = await opened(() => undefined);
    expect(workspace.state().views).toMatchObject([
      { person: "U0ALICE", title: "Confirm", submit: "Confirm", close: "Back", blocks: [{ block_id: "wwid" }] },
    ]);
    expect(await submit("bbe00a")).toEqual({ errors: {} });
    expect(workspace.state().views).toEqual([]);
  });

  it("stays with the app's errors under its inputs", async () => {
    const { workspace, submit } = await opened((typed) => ({
      response_action: "errors",
      errors: { wwid: `not ${typed}` },
    }));
    expect(await submit("abc")).toEqual({ errors: { wwid: "not abc" } });
    expect(titles(workspace)).toEqual(["Confirm"]);
  });

  it("is checked by Slack before the app is asked", async () => {
    let asked = 0;
    const { submit } = await opened(() => {
      asked += 1;
      return undefined;
    });
    expect(await submit("")).toEqual({ errors: { wwid: "Please complete this required field." } });
    expect(await submit("1234567")).toEqual({ errors: { wwid: "Please enter at most 6 characters." } });
    expect(asked).toBe(0);
  });

  it("is updated, pushed upon and cleared by the ack", async () => {
    const answers: object[] = [
      { response_action: "update", view: { ...modal, title: { type: "plain_text", text: "Again" } } },
      { response_action: "push", view: { ...modal, title: { type: "plain_text", text: "Sure?" } } },
      { response_action: "clear" },
    ];
    const { workspace, submit } = await opened(() => answers.shift());
    await submit("1");
    expect(titles(workspace)).toEqual(["Again"]);
    await submit("2");
    expect(titles(workspace)).toEqual(["Again", "Sure?"]);
    await submit("3");
    expect(titles(workspace)).toEqual([]);
  });

  it("stays, and the person gets a message, if the ack is wrong", async () => {
    const { workspace, submit } = await opened(() => ({
      response_action: "errors",
      errors: { nothing: "no such input" },
    }));
    const troubles = troublesOf(workspace);
    await submit("abc");
    expect(troubles).toEqual([expect.stringContaining("no input has the block_id nothing")]);
    expect(titles(workspace)).toEqual(["Confirm"]);
  });

  it("sends its close to the app, if the app asked for that", async () => {
    const { workspace, viewId, closed } = await opened(() => undefined);
    await workspace.close({ person: alice.id, viewId });
    expect(closed).toEqual(["op-1"]);
    expect(workspace.state().views).toEqual([]);
  });

  it("can be updated with its present hash, and not with an older one", async () => {
    const { workspace, app, viewId } = await opened(() => undefined);
    const title = { type: "plain_text" as const, text: "Filled" };
    const first = await app.client.views.update({ view_id: viewId, view: { ...modal, title } });
    expect(titles(workspace)).toEqual(["Filled"]);
    await app.client.views.update({ view_id: viewId, hash: first.view?.hash ?? "", view: modal });
    const late = app.client.views.update({ view_id: viewId, hash: first.view?.hash ?? "", view: modal });
    expect((await slackErrorOf(late)).error).toBe("hash_conflict");
    const unknown = app.client.views.update({ view_id: "V0", view: modal });
    expect((await slackErrorOf(unknown)).error).toBe("not_found");
  });
});

describe("a trigger_id", () => {
  async function triggered() {
    const now = { at: Date.now() };
    const workspace = await workspaceFor({ clock: { now: () => new Date(now.at) } });
    let trigger_id = "";
    const app = await appFor(workspace, (app) =>
      app.command("/zstack", async ({ ack, command }) => {
        await ack();
        trigger_id = command.trigger_id;
      }),
    );
    await workspace.say({ person: alice.id, text: "/zstack help", threadTs: null });
    await messages(workspace, 0);
    return {
      now,
      open: (view: typeof modal = modal, id = trigger_id) => app.client.views.open({ trigger_id: id, view }),
    };
  }

  it("opens one modal", async () => {
    const { open } = await triggered();
    await open();
    expect((await slackErrorOf(open())).error).toBe("exchanged_trigger_id");
    expect((await slackErrorOf(open(modal, "1.2.3"))).error).toBe("invalid_trigger_id");
  });

  it("is valid for three seconds", async () => {
    const { now, open } = await triggered();
    now.at += 3_001;
    expect((await slackErrorOf(open())).error).toBe("expired_trigger_id");
  });

  it("is not used up by a wrong view; the wrong places are named", async () => {
    const { open } = await triggered();
    const { submit: _, ...withoutSubmit } = modal;
    const title = { type: "plain_text" as const, text: "A title of more than 24 characters" };
    expect(await slackErrorOf(open({ ...modal, title }))).toEqual({
      error: "invalid_arguments",
      messages: ["[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"],
    });
    // The modal is wrong because it has an input and no submit button. So it has no type.
    expect((await slackErrorOf(open(withoutSubmit as typeof modal))).messages).toEqual([
      "[ERROR] submit is required when an input block is within the blocks array [json-pointer:/view]",
    ]);
    await open();
  });
});

import { describe, expect, it } from "vitest";
import { alice, appFor, slackErrorOf, troublesOf, until, workspaceFor } from "./connected-app.ts";

const plain = (text: string) => ({ type: "plain_text" as const, text });
const option = (value: string) => ({ text: plain(value), value });
type Answer = object | null;

/**
 * A modal with a menu of clusters with dispatch_action, a menu of LUNs, and a checkbox. `answer` is what the app
 * offers.
 */
async function opened(answer: (asked: { action: string; query: string; values: object }) => Answer, ackMs = 3_000) {
  const workspace = await workspaceFor({ timings: { ackMs } });
  const chosen: object[] = [];
  const sent: object[] = [];
  const view = {
    ...{ type: "modal" as const, callback_id: "form", title: plain("Add"), submit: plain("Go"), external_id: "one" },
    blocks: [
      {
        ...{ type: "input" as const, block_id: "cluster", label: plain("Cluster"), dispatch_action: true },
        element: {
          type: "external_select" as const,
          action_id: "c",
          min_query_length: 0,
          initial_option: option("c1"),
        },
      },
      {
        ...{ type: "input" as const, block_id: "luns", label: plain("LUNs") },
        element: { type: "multi_external_select" as const, action_id: "l", max_selected_items: 2 },
      },
      {
        ...{ type: "input" as const, block_id: "wipe", label: plain("Data"), optional: true },
        element: { type: "checkboxes" as const, action_id: "w", options: [option("wipe")] },
      },
    ],
  };
  const app = await appFor(workspace, (app) => {
    app.command("/zstack", async ({ ack, command, client }) => {
      await ack();
      await client.views.open({ trigger_id: command.trigger_id, view });
    });
    app.options(/./, async ({ ack, body, payload }) => {
      const values = body.type === "block_suggestion" ? (body.view?.state.values ?? {}) : {};
      const action = "action_id" in payload ? payload.action_id : "";
      const given = answer({ action, query: payload.value, values });
      // Wrong shapes are tried here too, so they have no type.
      if (given !== null) await (ack as (answer: object) => Promise<void>)(given);
    });
    app.action("c", async ({ ack, body, action }) => {
      await ack();
      chosen.push({ action, values: "view" in body ? body.view?.state.values : null });
    });
    app.view("form", async ({ ack, view: { state } }) => {
      await ack();
      sent.push(state.values);
    });
  });
  await workspace.say({ person: alice.id, text: "/zstack add", threadTs: null });
  await until(() => workspace.state().views.length === 1);
  const viewId = workspace.state().views[0]?.id ?? "";
  const where = { person: alice.id, viewId };
  return {
    ...{ workspace, app, view, chosen, sent, where, troubles: troublesOf(workspace) },
    suggest: async (query: string, blockId = "luns", actionId = "l") =>
      (await workspace.suggest({ ...where, blockId, actionId, query })).groups.flatMap(({ options }) =>
        options.map(({ value }) => value),
      ),
    submit: (values: Record<string, Record<string, string | string[]>>) => workspace.submit({ ...where, values }),
  };
}

describe("a menu with options from the app", () => {
  it("gets options for the typed text once it is long enough, without the other inputs", async () => {
    const asked: object[] = [];
    const { suggest } = await opened((each) => {
      asked.push(each);
      return { options: [option("36b0")] };
    });
    expect(await suggest("36")).toEqual([]);
    expect(await suggest("36b")).toEqual(["36b0"]);
    expect(await suggest("", "cluster", "c")).toEqual(["36b0"]);
    expect(asked).toEqual([
      { action: "l", query: "36b", values: {} },
      { action: "c", query: "", values: {} },
    ]);
  });

  it.each([
    ["more than 100 options", { options: Array.from({ length: 101 }, (_, index) => option(`${index}`)) }],
    ["a text of 76 characters", { options: [{ text: plain("x".repeat(76)), value: "1" }] }],
    ["a value of 151 characters", { options: [option("1".repeat(75)), { text: plain("x"), value: "1".repeat(151) }] }],
    ["an empty text", { options: [{ text: plain(""), value: "1" }] }],
    ["a property that Slack does not know", { options: [{ ...option("1"), disabled: true }] }],
    ["options and groups", { options: [], option_groups: [] }],
    ["neither", {}],
  ])("takes no answer with %s", async (_, answer) => {
    const { suggest, troubles } = await opened(() => answer);
    expect(await suggest("36b")).toEqual([]);
    expect(troubles).toEqual([expect.stringContaining("can't be loaded")]);
  });

  it("shows nothing if the app answers too late", async () => {
    const { suggest, troubles } = await opened(() => null, 300);
    expect(await suggest("36b")).toEqual([]);
    expect(troubles).toEqual([expect.stringContaining("did not answer in time")]);
  });

  it("takes only options that were offered; the app gets them completely", async () => {
    const { suggest, submit, sent } = await opened(() => ({
      option_groups: [{ label: plain("LUNs"), options: [option("36b0"), option("36b1"), option("36b2")] }],
    }));
    await expect(submit({ luns: { l: ["36b0"] } })).rejects.toThrow("was not offered");
    await suggest("36b");
    await expect(submit({ cluster: { c: ["36b0"] } })).rejects.toThrow("was not offered");
    await expect(submit({ wipe: { w: ["all"] } })).rejects.toThrow("no such box");
    await expect(submit({ luns: { l: "36b0" } })).rejects.toThrow("takes a list");
    expect(await submit({})).toEqual({ errors: { luns: "Please complete this required field." } });
    const many = await submit({ luns: { l: ["36b0", "36b1", "36b2"] } });
    expect(many).toEqual({ errors: { luns: "Please choose at most 2 options." } });
    expect(await submit({ luns: { l: ["36b0"] }, wipe: { w: ["wipe"] } })).toEqual({ errors: {} });
    expect(sent).toEqual([
      {
        cluster: { c: { type: "external_select", selected_option: option("c1") } },
        luns: { l: { type: "multi_external_select", selected_options: [option("36b0")] } },
        wipe: { w: { type: "checkboxes", selected_options: [option("wipe")] } },
      },
    ]);
  });

  it("sends a choice to the app if its input asks for that, with the values of all inputs", async () => {
    const { workspace, suggest, where, chosen } = await opened(() => ({ options: [option("c2")] }));
    await suggest("", "cluster", "c");
    const values = { cluster: { c: ["c2"] }, wipe: { w: ["wipe"] } };
    await workspace.choose({ ...where, blockId: "cluster", actionId: "c", values });
    await until(() => chosen.length === 1);
    expect(chosen).toMatchObject([
      {
        action: { type: "external_select", action_id: "c", block_id: "cluster", selected_option: option("c2") },
        values: { wipe: { w: { selected_options: [option("wipe")] } } },
      },
    ]);
    await expect(workspace.choose({ ...where, blockId: "luns", actionId: "l", values: {} })).rejects.toThrow("hear of");
  });
});

describe("a view's external_id", () => {
  it("finds the view for an update, and is unique", async () => {
    const { app, view, workspace } = await opened(() => ({ options: [] }));
    await app.client.views.update({ external_id: "one", view: { ...view, title: plain("Later") } });
    expect(workspace.state().views.map(({ title }) => title)).toEqual(["Later"]);
    expect((await slackErrorOf(app.client.views.update({ external_id: "two", view }))).error).toBe("not_found");
  });
});

import type { Choose, Suggest } from "../page-protocol.ts";
import type { Input } from "./block-rules.ts";
import { checked } from "./checked-blocks.ts";
import { inputsOf, inputValues } from "./input-values.ts";
import { type Option, type Suggestion, suggestion } from "./menu-rules.ts";
import { SlackError } from "./slack-error.ts";
import { openView } from "./submission.ts";
import { actionPayload, ImpossibleAction, personOf, trouble } from "./user-action.ts";
import { type View, viewObject } from "./views.ts";
import type { Workspace } from "./workspace.ts";

interface Group {
  readonly label: string | null;
  readonly options: readonly Option[];
}

/** A person opens a menu of a modal or types in it: the app is asked for options, and has three seconds. */
export async function suggest(
  workspace: Workspace,
  { person: id, viewId, blockId, actionId, query }: Suggest,
): Promise<{ groups: readonly Group[] }> {
  const person = personOf(workspace, id);
  const view = openView(workspace, person.id, viewId);
  const { element } = inputOf(view, blockId, actionId);
  if (element.type !== "external_select" && element.type !== "multi_external_select") {
    throw new ImpossibleAction("actionId", "the app has no options for this input");
  }
  if (query.length < element.min_query_length) return { groups: [] };
  const { trigger_id: _, ...action } = actionPayload(workspace, person);
  const payload = {
    type: "block_suggestion",
    ...action,
    action_id: actionId,
    block_id: blockId,
    value: query,
    container: { type: "view", view_id: view.id },
    // Slack does not send the values of the other inputs here.
    view: viewObject(view, workspace.directory),
  };
  const delivery = await workspace.socketMode.deliver({ type: "interactive", payload, accepts_response_payload: true });
  const failed = (why: string) => {
    trouble(workspace, person.id, `⚠️ The options can't be loaded: ${why}`);
    return { groups: [] };
  };
  if (delivery.kind !== "acked") return failed("the app did not answer in time.");
  try {
    const groups = groupsOf(checked(suggestion, delivery.payload, "invalid_arguments", ""));
    for (const { options } of groups) view.offers.add(blockId, actionId, options);
    return { groups };
  } catch (error) {
    if (error instanceof SlackError) return failed(error.message);
    throw error;
  }
}

/** A person chose something in an input with `dispatch_action`: the app gets each choice. */
export async function choose(workspace: Workspace, { person: id, viewId, ...chosen }: Choose): Promise<void> {
  const person = personOf(workspace, id);
  const view = openView(workspace, person.id, viewId);
  const { dispatch_action, block_id, element } = inputOf(view, chosen.blockId, chosen.actionId);
  if (dispatch_action !== true) throw new ImpossibleAction("actionId", "the app does not hear of this input");
  const values = inputValues(view, chosen.values);
  const value = values[block_id]?.[element.action_id];
  const action = { ...value, action_id: element.action_id, block_id, action_ts: ts(workspace.clock.now()) };
  const payload = {
    type: "block_actions",
    ...actionPayload(workspace, person),
    container: { type: "view", view_id: view.id },
    view: viewObject(view, workspace.directory, values),
    actions: [action],
  };
  const delivery = await workspace.socketMode.deliver({
    type: "interactive",
    payload,
    accepts_response_payload: false,
  });
  if (delivery.kind !== "acked") trouble(workspace, person.id, "⚠️ Your choice failed: the app did not answer in time.");
}

const ts = (now: Date): string => (now.getTime() / 1000).toFixed(6);

function inputOf(view: View, blockId: string, actionId: string): Input {
  const input = inputsOf(view).find(({ block_id }) => block_id === blockId);
  if (input === undefined) throw new ImpossibleAction("blockId", "not an input of this modal");
  if (input.element.action_id !== actionId) throw new ImpossibleAction("actionId", "not an element of that input");
  return input;
}

const groupsOf = ({ options, option_groups }: Suggestion): readonly Group[] =>
  options === undefined
    ? (option_groups ?? []).map(({ label, options: inside }) => ({ label: label.text, options: inside }))
    : [{ label: null, options }];

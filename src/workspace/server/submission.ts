import { z } from "zod";
import type { Submit } from "../page-protocol.ts";
import { checked } from "./checked-blocks.ts";
import { type Errors, inputErrors, inputsOf, inputValues } from "./input-values.ts";
import { SlackError } from "./slack-error.ts";
import { actionPayload, ImpossibleAction, personOf, trouble } from "./user-action.ts";
import { checkedModal } from "./view-rules.ts";
import { type View, viewObject } from "./views.ts";
import type { Workspace } from "./workspace.ts";

const ackPayload = z.discriminatedUnion("response_action", [
  z.object({ response_action: z.literal("errors"), errors: z.record(z.string(), z.string()) }),
  z.object({ response_action: z.literal("update"), view: z.unknown() }),
  z.object({ response_action: z.literal("push"), view: z.unknown() }),
  z.object({ response_action: z.literal("clear") }),
]);

/** A person submits a modal. Slack checks the inputs itself before it asks the app. */
export async function submit(
  workspace: Workspace,
  { person: id, viewId, values }: Submit,
): Promise<{ errors: Errors }> {
  const person = personOf(workspace, id);
  const view = openView(workspace, person.id, viewId);
  if (view.modal.submit === undefined) throw new ImpossibleAction("viewId", "this modal has nothing to submit");
  const typed = inputValues(view, values);
  const errors = inputErrors(view, typed);
  if (Object.keys(errors).length > 0) return { errors };

  const payload = {
    type: "view_submission",
    ...actionPayload(workspace, person),
    view: viewObject(view, workspace.directory, typed),
    response_urls: [],
  };
  const delivery = await workspace.socketMode.deliver({ type: "interactive", payload, accepts_response_payload: true });
  const failed = (why: string) => {
    trouble(workspace, person.id, `⚠️ We had some trouble connecting. Try again? (${why})`);
    return { errors: {} };
  };
  if (delivery.kind !== "acked") return failed("the app did not answer in time");
  try {
    return { errors: follow(workspace, view, delivery.payload) };
  } catch (error) {
    if (error instanceof SlackError) return failed(error.message);
    throw error;
  }
}

/** A person closes a modal. The app gets an event if it asked for that. */
export async function close(
  workspace: Workspace,
  { person: id, viewId }: { person: string; viewId: string },
): Promise<void> {
  const person = personOf(workspace, id);
  const view = openView(workspace, person.id, viewId);
  const isCleared = view.modal.clear_on_close === true;
  if (isCleared) workspace.views.clear(person.id);
  else workspace.views.close(view);
  if (view.modal.notify_on_close !== true) return;
  const { trigger_id: _, ...action } = actionPayload(workspace, person);
  const payload = {
    type: "view_closed",
    ...action,
    view: viewObject(view, workspace.directory),
    is_cleared: isCleared,
  };
  await workspace.socketMode.deliver({ type: "interactive", payload, accepts_response_payload: false });
}

/** A modal that is open for this person. */
export function openView(workspace: Workspace, person: string, viewId: string): View {
  const view = workspace.views.find(viewId);
  if (view === null || view.person !== person)
    throw new ImpossibleAction("viewId", "this person has no such modal open");
  return view;
}

/** Applies the app's ack: without a response_action the modal closes, and the one under it is visible again. */
function follow(workspace: Workspace, view: View, payload: unknown): Errors {
  const empty = z.strictObject({}).safeParse(payload ?? {}).success;
  if (empty) {
    workspace.views.close(view);
    return {};
  }
  const ack = checked(ackPayload, payload, "invalid_arguments", "");
  switch (ack.response_action) {
    case "errors": {
      const inputs = new Set(inputsOf(view).map(({ block_id }) => block_id));
      const stray = Object.keys(ack.errors).find((blockId) => !inputs.has(blockId));
      if (stray !== undefined)
        throw new SlackError("invalid_arguments", [`[ERROR] no input has the block_id ${stray}`]);
      return ack.errors;
    }
    case "update":
      workspace.views.update(view.id, checkedModal(ack.view), null);
      return {};
    case "push":
      workspace.views.push(view, checkedModal(ack.view));
      return {};
    case "clear":
      workspace.views.clear(view.person);
      return {};
  }
}

import { randomUUID } from "node:crypto";
import type { App, types } from "@slack/bolt";
import { z } from "zod";
import { errorReply } from "../core/error-reply.ts";
import type { Flow } from "../flow/flow.ts";
import type { Conversation } from "../flow/ports.ts";
import type { ShortForm } from "../flow/short-forms.ts";
import { visible } from "../text/visible.ts";
import type { Setting } from "./conversation.ts";
import { admitted } from "./gate.ts";
import { notOursView } from "./not-ours.ts";
import { opened } from "./open-view.ts";
import { interactionSchema, originOfInteraction } from "./origin.ts";
import { type Place, placeSchema } from "./place.ts";
import type { Respond } from "./response-url.ts";
import { SlackFailed } from "./retry.ts";
import { slackCode } from "./slack-code.ts";
import { cut, plainText } from "./text.ts";

const FORM = "short-form";
const TITLE = 24;
const LONGEST_TEXT = 500;

const metadataSchema = z.strictObject({
  words: z.string(),
  seal: z.string(),
  place: placeSchema,
  openedAt: z.number(),
  /** Under this id the response URL of the click is kept. */
  id: z.string(),
});
type Metadata = z.output<typeof metadataSchema>;

/** One field for each argument that the command lacks. */
const shortFormView = ({ title, fields }: ShortForm, metadata: Metadata): types.ModalView => ({
  type: "modal",
  callback_id: FORM,
  private_metadata: JSON.stringify(metadata),
  title: plainText(cut(visible(title), TITLE)),
  submit: plainText("Send"),
  close: plainText("Cancel"),
  blocks: fields.map(({ key, label, isPerson }) => ({
    type: "input",
    block_id: key,
    label: plainText(label),
    element: isPerson
      ? { type: "users_select", action_id: key, placeholder: plainText("Choose a person") }
      : { type: "plain_text_input", action_id: key, max_length: LONGEST_TEXT },
  })),
});

interface Opening {
  readonly triggerId: string;
  readonly by: string;
  readonly place: Place;
  readonly conversation: Conversation;
  /** Absent: the click came from the Home or a direct message. */
  readonly respond?: Respond;
}

/** Opens the form for what a command lacks. false: it lacks nothing, or the form opened too late. */
export async function openShortForm(words: string, opening: Opening, flow: Flow, setting: Setting): Promise<boolean> {
  const { triggerId, by, place, conversation, respond } = opening;
  const form = flow.shortForms.of(words);
  if (form === null) return false;
  const refusal = flow.shortForms.refusal(words, by, conversation.mayNotChangeHere);
  if (refusal !== null) {
    await conversation.sendEphemeral({ reply: errorReply(refusal, { foot: "Nothing was changed." }) });
    return true;
  }
  const metadata = { words, seal: flow.shortForms.sealOf(words), place, openedAt: Date.now(), id: randomUUID() };
  try {
    const view = shortFormView(form, metadata);
    await opened(() => setting.client.views.open({ trigger_id: triggerId, view }));
  } catch (error) {
    if (!(error instanceof SlackFailed) || !/_trigger_id$/.test(slackCode(error.cause) ?? "")) throw error;
    return false;
  }
  if (respond !== undefined) setting.responseUrls.keep(place.channel, metadata.id, by, respond);
  return true;
}

const submissionSchema = interactionSchema.extend({
  view: z.object({
    id: z.string(),
    private_metadata: z.string(),
    state: z.object({
      values: z.record(
        z.string(),
        z.record(z.string(), z.looseObject({ value: z.string().nullish(), selected_user: z.string().nullish() })),
      ),
    }),
  }),
});

/** A submitted form becomes a typed command. */
export function listenToShortForms(app: App, flow: Flow, setting: Setting): void {
  app.view(FORM, async ({ body, ack }) => {
    const sent = submissionSchema.parse(body);
    const { view, user } = sent;
    const metadata = metadataIn(view.private_metadata);
    if (metadata === null || metadata.seal !== flow.shortForms.sealOf(metadata.words))
      return ack({ response_action: "update", view: notOursView() });
    const { words, place, openedAt, id } = metadata;
    const values = Object.fromEntries(
      Object.entries(view.state.values).map(([key, fields]) => [
        key,
        fields[key]?.selected_user ?? fields[key]?.value?.trim() ?? "",
      ]),
    );
    const wrong = flow.shortForms.wrong(words, values);
    if (wrong.length > 0)
      return ack({ response_action: "errors", errors: Object.fromEntries(wrong.map(({ key, why }) => [key, why])) });
    await ack();
    const respond = setting.responseUrls.of(place.channel, id, user.id);
    const conversation = await admitted(
      {
        userEvent: { id: `form ${view.id}`, madeAt: openedAt, isForm: true },
        origin: originOfInteraction(sent, setting.own),
        ...{ place, channelName: null },
        ...(respond && { respond }),
      },
      setting,
    );
    if (conversation !== null) await flow.ask(flow.shortForms.wordsOf(words, values), user.id, conversation);
  });
}

function metadataIn(text: string): Metadata | null {
  try {
    return metadataSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

import { randomUUID } from "node:crypto";
import type { App } from "@slack/bolt";
import { z } from "zod";
import type { Flow } from "../flow/flow.ts";
import type { OpenForm } from "../flow/forms.ts";
import type { Conversation } from "../flow/ports.ts";
import type { Setting } from "./conversation.ts";
import { admitted } from "./gate.ts";
import {
  blockOf,
  FORM,
  type FormMetadata,
  filledIn,
  formMetadataSchema,
  formValuesSchema,
  guidedFormOf,
  LUNS,
  optionOf,
  SUBJECT,
} from "./guided-form.ts";
import { notOursView } from "./not-ours.ts";
import { noted } from "./note-of-place.ts";
import { opened } from "./open-view.ts";
import { interactionSchema, originOfInteraction } from "./origin.ts";
import type { Place } from "./place.ts";
import type { Respond } from "./response-url.ts";
import { failureIn, realTime, retryUntil, SlackFailed } from "./retry.ts";
import { slackCode } from "./slack-code.ts";

/** Who opens a form, and by which event. */
interface Opening {
  readonly triggerId: string;
  readonly by: string;
  readonly place: Place;
  readonly conversation: Conversation;
  readonly respond?: Respond;
  /** The form was opened from the Home, where no channel is seen. */
  readonly isFromHome?: boolean;
}

/**
 * Opens the form of this command. false if it has none, or if the trigger is used up: the command is then answered in
 * the usual way. A person who may not change anything here gets the refusal instead of a form.
 */
export async function openFormFor(words: string, opening: Opening, flow: Flow, setting: Setting): Promise<boolean> {
  const { triggerId, by, place, conversation, respond, isFromHome = false } = opening;
  const command = flow.forms.commandOfForm(words);
  if (command === null) return false;
  const refusal = await flow.forms.refusalSoon(by, conversation.mayNotChangeHere);
  if (refusal !== null) {
    await conversation.sendEphemeral({ reply: refusal });
    return true;
  }
  const open = flow.forms.now({ command, subject: null, by });
  if (open === null) return false;
  const metadata: FormMetadata = {
    ...{ command, seal: flow.forms.sealOf(command), subject: null, place },
    ...{ openedAt: Date.now(), externalId: randomUUID(), ...(isFromHome && { isFromHome }) },
  };
  const shown: Shown = { metadata, view: null, by };
  try {
    const view = guidedFormOf(open, metadata);
    const answer = await opened(() => setting.client.views.open({ trigger_id: triggerId, view }));
    shown.view = openedView.safeParse(answer).data?.view ?? null;
  } catch (error) {
    if (!(error instanceof SlackFailed) || !/_trigger_id$/.test(slackCode(error.cause) ?? "")) throw error;
    setting.log.info(`the form of ${command} for ${by} opened too late: ${error.message}`);
    return false;
  }
  // A form has no response URL of its own.
  if (respond !== undefined) setting.responseUrls.keep(place.channel, metadata.externalId, by, respond);
  await follow(open, shown, setting);
  return true;
}

const openedView = z.object({ view: z.object({ id: z.string(), hash: z.string() }) });

/** A form that a person sees. */
interface Shown {
  readonly metadata: FormMetadata;
  /** null if Slack's answer was lost. */
  view: { readonly id: string; readonly hash: string } | null;
  readonly by: string;
}

/** How long the bot tries to update a form. */
const UPDATE_MS = 60_000;

/**
 * After the hosts are observed, the form shows their LUNs. If the person has chosen another cluster since then, that
 * form stays.
 */
async function follow(open: OpenForm, shown: Shown, setting: Setting): Promise<void> {
  const { luns } = open;
  if (luns.kind !== "observing") return;
  await update({ ...open, luns: await luns.observed }, shown, setting);
}

async function update(open: OpenForm, shown: Shown, setting: Setting): Promise<void> {
  const { metadata } = shown;
  const view = guidedFormOf(open, metadata);
  const which =
    shown.view === null ? { external_id: metadata.externalId } : { view_id: shown.view.id, hash: shown.view.hash };
  try {
    const answer = await retryUntil(
      () => setting.client.views.update({ ...which, view }),
      Date.now() + UPDATE_MS,
      realTime,
    );
    shown.view = openedView.safeParse(answer).data?.view ?? null;
  } catch (error) {
    // The form was closed or changed since then.
    if (["hash_conflict", "not_found"].includes(slackCode(causeOf(error)) ?? "")) return;
    setting.log.error(
      `the form of ${metadata.command} for ${shown.by} was not updated (${failureIn(error).about})`,
      error,
    );
  }
}

const causeOf = (error: unknown): unknown => (error instanceof SlackFailed ? error.cause : error);

const viewSchema = interactionSchema.extend({
  view: z.object({
    id: z.string(),
    hash: z.string(),
    private_metadata: z.string(),
    blocks: z.array(z.looseObject({ block_id: z.string().optional() })),
    state: z.object({ values: formValuesSchema }).nullish(),
  }),
});
const choiceSchema = viewSchema.extend({
  actions: z.tuple([z.looseObject({ selected_option: z.object({ value: z.string() }).nullish() })]),
});

/** What people do in a form: they choose a subject, open its menus, and send it. */
export function listenToForms(app: App, flow: Flow, setting: Setting): void {
  app.action(SUBJECT, async ({ body, ack }) => {
    await ack();
    const choice = choiceSchema.parse(body);
    const metadata = metadataFor(choice, flow, setting);
    if (metadata === null) return;
    const { view, user } = choice;
    const subject = choice.actions[0].selected_option?.value ?? null;
    const open = flow.forms.now({ command: metadata.command, subject, by: user.id });
    if (open === null) return;
    const shown: Shown = { metadata, view: { id: view.id, hash: view.hash }, by: user.id };
    await update(open, shown, setting);
    await follow(open, shown, setting);
  });

  app.options(SUBJECT, async ({ body, ack }) => {
    const metadata = metadataFor(viewSchema.parse(body), flow, setting);
    const choices = metadata === null ? [] : flow.forms.subjects(metadata.command, body.value);
    await ack({ options: choices.map(optionOf) });
  });

  app.options(LUNS, async ({ body, ack }) => {
    const asked = viewSchema.parse(body);
    const metadata = metadataFor(asked, flow, setting);
    const choices = metadata === null ? [] : await flow.forms.luns({ ...metadata, by: asked.user.id }, body.value);
    await ack({ options: choices.map(optionOf) });
  });

  app.view(FORM, async ({ body, ack }) => {
    const sent = viewSchema.parse(body);
    const metadata = ownMetadata(sent, flow);
    if (metadata === null) return ack({ response_action: "update", view: notOursView() });
    const { view, user } = sent;
    const { command, place, openedAt, externalId, isFromHome = false } = metadata;
    const filled = filledIn(view.state?.values ?? {});
    const wrong = flow.forms.wrong(command, filled);
    if (wrong.length > 0) {
      const blockIds = view.blocks.map(({ block_id }) => block_id);
      const places = wrong.map(({ field, why }): [string, string] => {
        const blockId = blockOf(field, filled.subject);
        return [blockIds.includes(blockId) ? blockId : blockOf("subject", filled.subject), why];
      });
      return ack({ response_action: "errors", errors: Object.fromEntries(places) });
    }
    await ack();
    const respond = setting.responseUrls.of(place.channel, externalId, user.id);
    const conversation = await admitted(
      {
        userEvent: { id: `form ${view.id}`, madeAt: openedAt, isForm: true },
        origin: originOfInteraction(sent, setting.own),
        ...{ place, channelName: null, isPrivate: isFromHome },
        ...(respond && { respond }),
      },
      setting,
    );
    if (conversation === null) return;
    const words = flow.forms.words(command, filled);
    const here = isFromHome ? noted(conversation, { words, by: user.id }, setting) : conversation;
    await flow.ask(words, user.id, here);
  });
}

/** null: not a form of this bot and data folder, or not of a person who may use it. */
function metadataFor(asked: z.output<typeof viewSchema>, flow: Flow, setting: Setting): FormMetadata | null {
  if (originOfInteraction(asked, setting.own).kind !== "person") return null;
  return flow.forms.refusal(asked.user.id, null) === null ? ownMetadata(asked, flow) : null;
}

/** null: not a form of this bot and data folder. */
function ownMetadata({ view }: z.output<typeof viewSchema>, flow: Flow): FormMetadata | null {
  const metadata = parsed(view.private_metadata);
  return metadata?.seal === flow.forms.sealOf(metadata?.command ?? "") ? metadata : null;
}

function parsed(text: string): FormMetadata | null {
  try {
    return formMetadataSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

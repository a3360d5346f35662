import { z } from "zod";

/**
 * The protocol between the page of the local workspace and its server. Everything goes over the same port as the
 * Slack-compatible API: `GET /page/state` once, `WS /page/events` for what happens after, and one POST per action of a
 * person.
 */

const block = z.looseObject({ type: z.string() });

const personSchema = z.strictObject({ id: z.string(), name: z.string() });
export const fileSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  name: z.string(),
  /** Of a picture: what it shows, in words. */
  text: z.string(),
  /** A picture's PNG in base64; null for a text. */
  png: z.string().nullable(),
});
const messageSchema = z.strictObject({
  ts: z.string(),
  /** null for a message of the channel itself; the parent's ts for a reply in a thread. */
  threadTs: z.string().nullable(),
  /** Of a reply in a thread: the channel shows it too. */
  inChannelToo: z.boolean(),
  /** A person's id or the bot's. */
  author: z.string(),
  text: z.string(),
  blocks: z.array(block),
  files: z.array(fileSchema),
  edited: z.boolean(),
  /** Set for an ephemeral message: the only person who sees it. */
  onlyFor: z.string().nullable(),
});
const viewSchema = z.strictObject({
  id: z.string(),
  /** The person who has the modal open. */
  person: z.string(),
  title: z.string(),
  submit: z.string().nullable(),
  close: z.string().nullable(),
  blocks: z.array(block),
});
/** The Home tab of one person, as the app published it last. */
const homeSchema = z.strictObject({ id: z.string(), person: z.string(), blocks: z.array(block) });
/** One command for completion: the words, and the keys it takes. */
export const completionSchema = z.strictObject({
  name: z.string(),
  summary: z.string(),
  usage: z.string(),
  keys: z.array(z.string()),
});

export const pageStateSchema = z.strictObject({
  channel: z.strictObject({ id: z.string(), name: z.string() }),
  bot: personSchema,
  people: z.array(personSchema),
  messages: z.array(messageSchema),
  views: z.array(viewSchema),
  homes: z.array(homeSchema),
  completions: z.array(completionSchema),
  /** What is simulated, to be said on the page: "The SAN and its three hosts are simulated."; null with real hosts. */
  notice: z.string().nullable(),
  /** Whether there is a simulated SAN to break: `GET /page/san`. */
  breaksSan: z.boolean(),
  /** When the bot reports what was broken. */
  sanHint: z.string().nullable(),
});

/** Its answer: what can be named in the words that break the SAN, and what is broken now. */
export const sanSchema = z.strictObject({
  hosts: z.array(
    z.strictObject({
      name: z.string(),
      isDown: z.boolean(),
      hasLease: z.boolean(),
      /** The LUNs that it sees, with the kernel names of their paths. */
      luns: z.array(
        z.strictObject({
          wwid: z.string(),
          paths: z.array(z.strictObject({ name: z.string(), works: z.boolean() })),
        }),
      ),
    }),
  ),
  luns: z.array(z.strictObject({ wwid: z.string(), label: z.string(), sizeBytes: z.number() })),
  /** `paths`: how many paths of all hosts go through it. */
  portals: z.array(z.strictObject({ name: z.string(), works: z.boolean(), paths: z.number() })),
  storages: z.array(z.strictObject({ name: z.string(), percent: z.number() })),
  /** `restore`: the words that restore it. */
  broken: z.array(z.strictObject({ text: z.string(), restore: z.string() })),
});

export const pageEventSchema = z.discriminatedUnion("kind", [
  /** A new message or the new text of one that is there (same ts). */
  z.strictObject({ kind: z.literal("message"), message: messageSchema }),
  z.strictObject({ kind: z.literal("message deleted"), ts: z.string() }),
  z.strictObject({ kind: z.literal("view"), view: viewSchema }),
  z.strictObject({ kind: z.literal("view closed"), id: z.string() }),
  /** The simulated SAN is another one now. */
  z.strictObject({ kind: z.literal("san changed") }),
  z.strictObject({ kind: z.literal("home"), home: homeSchema }),
  /** Slack's own message to a person: a late ack, an app that is not connected. */
  z.strictObject({ kind: z.literal("trouble"), person: z.string(), text: z.string() }),
]);

/** POST /page/say: a slash command (text begins with `/`) or a message, in the channel or in a thread. */
export const saySchema = z.strictObject({ person: z.string(), text: z.string(), threadTs: z.string().nullable() });
/** POST /page/open-home: the Home tab is opened. */
export const openHomeSchema = z.strictObject({ person: z.string() });
/** POST /page/click: a button of a message or of a view. */
export const clickSchema = z.strictObject({
  person: z.string(),
  messageTs: z.string(),
  blockId: z.string(),
  actionId: z.string(),
});
/** What a modal's inputs hold, `block_id` → `action_id` → a text, or the values that were chosen. */
const valuesSchema = z.record(z.string(), z.record(z.string(), z.union([z.string(), z.array(z.string())])));
/** POST /page/submit: a modal is sent. */
export const submitSchema = z.strictObject({ person: z.string(), viewId: z.string(), values: valuesSchema });
/** Its answer: what to show under which input (by block_id); empty when the modal was accepted. */
export const submitAnswerSchema = z.strictObject({ errors: z.record(z.string(), z.string()) });
/** POST /page/suggest: a menu of a modal is opened, or typed in. */
export const suggestSchema = z.strictObject({
  person: z.string(),
  viewId: z.string(),
  blockId: z.string(),
  actionId: z.string(),
  query: z.string(),
});
const optionText = z.looseObject({ type: z.enum(["plain_text", "mrkdwn"]), text: z.string() });
const optionSchema = z.looseObject({ text: optionText, value: z.string(), description: optionText.optional() });
/** Its answer: the options, in groups; one group without a label if the app made none. */
export const suggestAnswerSchema = z.strictObject({
  groups: z.array(z.strictObject({ label: z.string().nullable(), options: z.array(optionSchema) })),
});
/** POST /page/choose: a choice in an input, for which the app asked for events, with all values of the modal. */
export const chooseSchema = z.strictObject({
  person: z.string(),
  viewId: z.string(),
  blockId: z.string(),
  actionId: z.string(),
  values: valuesSchema,
});
/** POST /page/san: words that break the SAN or restore it. */
export const breakSchema = z.strictObject({ words: z.string() });
/** Its answer: the new state in one line. A refusal is an error with its lines. */
export const breakAnswerSchema = z.strictObject({ text: z.string() });
/** POST /page/close: the modal's close button. */
export const closeSchema = z.strictObject({ person: z.string(), viewId: z.string() });

export type Person = z.output<typeof personSchema>;
export type PageMessage = z.output<typeof messageSchema>;
export type PageView = z.output<typeof viewSchema>;
export type PageHome = z.output<typeof homeSchema>;
export type Completion = z.output<typeof completionSchema>;
export type PageState = z.output<typeof pageStateSchema>;
export type PageEvent = z.output<typeof pageEventSchema>;
export type Say = z.output<typeof saySchema>;
export type OpenHome = z.output<typeof openHomeSchema>;
export type Click = z.output<typeof clickSchema>;
export type Submit = z.output<typeof submitSchema>;
export type FormValues = z.output<typeof valuesSchema>;
export type Suggest = z.output<typeof suggestSchema>;
export type SuggestAnswer = z.output<typeof suggestAnswerSchema>;
export type Choose = z.output<typeof chooseSchema>;
export type San = z.output<typeof sanSchema>;

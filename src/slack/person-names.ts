import { z } from "zod";
import type { AttachedFile, Cell, Inline, Part, Reply, Text } from "../core/reply.ts";
import type { Message } from "../flow/ports.ts";

/** The most names that are kept. The oldest goes first. */
const MOST_NAMES = 1_000;
/** What Markdown would not show as it is. */
const MARKDOWN = /[\\`*_[\]<>|#]/g;

/** The person in what Slack sends: a slash command has `user_name`, a click or a form has `user.name`. */
const authorSchema = z.union([
  z.object({ user_id: z.string(), user_name: z.string().min(1) }).transform((each) => [each.user_id, each.user_name]),
  z
    .object({ user: z.object({ id: z.string(), name: z.string().min(1) }) })
    .transform(({ user }) => [user.id, user.name]),
]);

/** What Slack sends in place of the name of a private channel or a direct message. */
const NO_NAMES: readonly string[] = ["privategroup", "directmessage"];
const channelNameSchema = z
  .string()
  .min(1)
  .refine((name) => !NO_NAMES.includes(name));

/** The channel in what Slack sends. */
const channelSchema = z.union([
  z
    .object({ channel_id: z.string(), channel_name: channelNameSchema })
    .transform((each) => [each.channel_id, each.channel_name]),
  z
    .object({ channel: z.object({ id: z.string(), name: channelNameSchema }) })
    .transform(({ channel }) => [channel.id, channel.name]),
]);

/**
 * Names of people and channels, as Slack sent them. With a name, a list shows a person without a mention, because a mention
 * notifies. A person without a known name is shown by id.
 */
export class PersonNames {
  readonly #names = new Map<string, string>();

  /** Keeps the names of the author and the channel, if the payload has them. */
  note(payload: unknown): void {
    this.#keep(...(authorSchema.safeParse(payload).data ?? []));
    this.#keep(...(channelSchema.safeParse(payload).data ?? []));
  }

  #keep(id?: string, name?: string): void {
    if (id === undefined || name === undefined) return;
    this.#names.delete(id);
    this.#names.set(id, name);
    const [oldest] = this.#names.keys();
    if (this.#names.size > MOST_NAMES && oldest !== undefined) this.#names.delete(oldest);
  }

  /** Keeps a name that Slack said when it was asked. */
  add(id: string, name: string): void {
    if (name !== "") this.#keep(id, name);
  }

  /** null: it is not known. */
  of(id: string): string | null {
    return this.#names.get(id) ?? null;
  }

  /** The message with names: in place of people who must not be notified, and for texts that can't mention. */
  shownIn<M extends Message>(message: M): M {
    return { ...message, reply: this.#inReply(message.reply) };
  }

  #inReply(reply: Reply): Reply {
    const { parts, details, record, files } = reply;
    return {
      ...reply,
      parts: this.#inParts(parts),
      ...(details && { details: { ...details, parts: this.#inParts(details.parts) } }),
      ...(record !== undefined && { record: this.#inText(record) }),
      ...(files && { files: files.map((file) => this.#inFile(file)) }),
    };
  }

  /** A file is read elsewhere too, so it keeps the id next to the name. */
  #inFile(file: AttachedFile): AttachedFile {
    const { content, isData } = file;
    if (typeof content !== "string" || isData) return file;
    const named = (id: string) => {
      const name = this.#names.get(id);
      return name === undefined ? id : `${name.replaceAll(MARKDOWN, "\\$&")} (${id})`;
    };
    return { ...file, content: content.replaceAll(/\b[UW][A-Z0-9]{5,}\b/g, named) };
  }

  #inParts(parts: readonly Part[]): Part[] {
    return parts.map((part) => {
      if (part.kind === "text") return { ...part, text: this.#inText(part.text) };
      if (part.kind === "table") return { ...part, rows: part.rows.map((row) => this.#inRow(row)) };
      if (part.kind !== "fields") return part;
      return { ...part, fields: part.fields.map(([label, value]) => [label, this.#inText(value)] as const) };
    });
  }

  #inText(text: Text): Text {
    return typeof text === "string" ? text : text.map((inline) => this.#inInline(inline));
  }

  #inInline(inline: Inline): Inline {
    if (typeof inline === "string" || !("person" in inline)) return inline;
    const name = this.#names.get(inline.person);
    if (name === undefined) return inline;
    return inline.isQuiet ? `@${name}` : { ...inline, name };
  }

  #inRow(row: readonly Cell[]): readonly Cell[] {
    return row.every((cell) => typeof cell === "string") ? row : row.map((cell) => this.#inCell(cell));
  }

  #inCell(cell: Cell): Cell {
    const name = typeof cell === "string" ? undefined : this.#names.get(cell.person);
    return name === undefined ? cell : `@${name}`;
  }
}

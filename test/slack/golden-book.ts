import { join } from "node:path";
import { expect } from "vitest";
import { z } from "zod";
import { validated } from "../../src/workspace/server/validate-method.ts";
import type { Story } from "../scenario/story.ts";
import { until } from "../scenario/story.ts";
import { steady } from "./steady.ts";

const folder = join(import.meta.dirname, "golden");
/** The golden files that stories wrote or compared. A file that is not among them has no story. */
export const kept = new Set<string>();

const sent = z.looseObject({
  text: z.string().default(""),
  blocks: z.array(z.looseObject({ type: z.string() })).optional(),
  thread_ts: z.string().optional(),
  view: z.unknown().optional(),
});
type Sent = z.output<typeof sent>;

const METHODS = ["chat.postMessage", "chat.update", "chat.postEphemeral", "response_url"];

/** What the bot sends to Slack during a story, and the golden files with which it is compared. */
export class GoldenBook {
  readonly #story: Story;
  #messages: Sent[] = [];
  #views: Sent[] = [];

  constructor(story: Story) {
    this.#story = story;
    this.listens();
  }

  /** To be called again after faults were ended: ending faults also ends the listening. */
  listens(): void {
    const { workspace } = this.#story;
    // No fault: each call is only read.
    const reads = (into: (call: Sent) => void) => ({
      answer: { kind: "broken" as const },
      when: (args: Readonly<Record<string, unknown>>) => {
        into(sent.parse(args));
        return false;
      },
    });
    for (const method of METHODS)
      workspace.slackFaults.calls(
        method,
        reads((call) => this.#messages.push(call)),
      );
    for (const method of ["views.open", "views.update", "views.publish"])
      workspace.slackFaults.calls(
        method,
        reads((call) => this.#views.push(call)),
      );
  }

  /** Sends the command and keeps the message that shows all patterns, with what follows in its thread. */
  async asks(name: string, words: string, ...patterns: (RegExp | string)[]): Promise<void> {
    this.forgets();
    await this.#story.says(`/zstack ${words}`);
    await this.keeps(name, ...patterns);
  }

  /** As `asks`, for a command that makes a plan. The plan is kept once it has its buttons. */
  async plans(name: string, words: string, ...patterns: (RegExp | string)[]): Promise<void> {
    this.forgets();
    await this.#story.says(`/zstack ${words}`);
    await this.#story.shows(...patterns);
    await until(() => (this.#last(hasButtons) === undefined ? undefined : true), 60_000);
    await this.#write(name, this.#last(hasButtons));
  }

  /** Clicks Confirm. If a form opens, keeps it and fills it in. Then keeps the end. */
  async confirms(name: string, typed: string | null, ...patterns: (RegExp | string)[]): Promise<void> {
    this.forgets();
    await this.#story.clicks("Confirm");
    if (typed !== null) {
      await this.keepsForm(`${name}-form`);
      expect(await this.#story.sends(typed === "" ? null : typed)).toEqual({});
    }
    await this.keeps(`${name}-end`, ...patterns);
  }

  async keepsForm(name: string): Promise<void> {
    const view = await until(() => this.#views.at(-1)?.view, 60_000);
    await this.#compare(name, { view });
  }

  /** Keeps the latest opened or updated view that shows all patterns. */
  async keepsView(name: string, ...patterns: (RegExp | string)[]): Promise<void> {
    const found = await until(() => this.#views.findLast(({ view }) => showsAll(view, patterns)), 60_000);
    if (found === undefined)
      return expect.fail(
        `no view for ${name}: ${JSON.stringify(this.#views.slice(-2), null, 1)}\n${this.#story.logged.join("\n")}`,
      );
    await this.#compare(name, { view: found.view });
  }

  async keeps(name: string, ...patterns: (RegExp | string)[]): Promise<void> {
    await this.#story.shows(...patterns);
    // Another message may come in the same moment, such as a notice to the next admin.
    const shown = this.#last((call) => isWhole(call) && showsAll(call, patterns));
    await this.#write(name, shown ?? this.#last(isWhole));
  }

  /** Keeps the latest sent message that shows all patterns, even if a later one has replaced it. */
  async keepsSent(name: string, ...patterns: (RegExp | string)[]): Promise<void> {
    const found = await until(() => this.#messages.findLast((call) => showsAll(call, patterns)), 60_000);
    if (found === undefined) {
      const last = JSON.stringify(this.#messages.slice(-4), null, 1);
      return expect.fail(`nothing was sent for ${name}; the last are\n${last}\n${this.#story.logged.join("\n")}`);
    }
    await this.#compare(name, { message: contentOf(found) });
  }

  /** Keeps what replaces a form, or the errors of its fields. */
  async keepsAnswer(name: string, answer: object): Promise<void> {
    await this.#compare(name, answer);
  }

  /** Earlier messages are no longer a part of the story. */
  forgets(): void {
    this.#messages = [];
    this.#views = [];
  }

  #last(is: (call: Sent) => boolean): Sent | undefined {
    return this.#messages.findLast((call) => call.thread_ts === undefined && is(call));
  }

  async #write(name: string, message: Sent | undefined): Promise<void> {
    if (message === undefined) return expect.fail(`nothing was sent for ${name}`);
    await this.#compare(name, { message: contentOf(message) });
    await this.#hasItsFile(message);
    const followed = await until(() => this.#followersOf(message), 60_000);
    for (const [index, each] of (followed ?? []).entries()) {
      await this.#compare(`${name}-thread-${index + 1}`, { message: contentOf(each) });
    }
    this.#messages = [];
  }

  /** The messages in the thread of a message, once all are there: tables, and details in one or more messages. */
  #followersOf(message: Sent): Sent[] | undefined {
    const [, title = ""] =
      /"type":"header","text":\{"type":"plain_text","text":"([^"]+)"/.exec(JSON.stringify(message)) ?? [];
    const tables = JSON.stringify(message).match(/ rows, in the thread/g)?.length ?? 0;
    // The details come last, after their own tables.
    const [, details] = /"text":"([^"]+): in the thread\."/.exec(JSON.stringify(message)) ?? [];
    const own = this.#messages.filter((call) => call.thread_ts !== undefined && call.text.includes(title));
    const ofDetails = own.filter(({ text }) => details !== undefined && text.startsWith(details));
    const [, pages = "1"] = ofDetails.flatMap(({ text }) => /\(1 of (\d+)\)/.exec(text) ?? []);
    if (own.length < tables || ofDetails.length < (details === undefined ? 0 : Number(pages))) return undefined;
    return tables === 0 && details === undefined ? [] : own;
  }

  /** The file in the thread has the name that the shortened message gives. */
  async #hasItsFile(message: Sent): Promise<void> {
    const [, named] = /Everything is in the file (\S+) in the thread/.exec(JSON.stringify(message)) ?? [];
    const titles = () => this.#story.messages.flatMap(({ files }) => files.map(({ title }) => title));
    if (named === undefined) return;
    expect(await until(() => (titles().includes(named) ? true : undefined), 60_000), `the file ${named}`).toBe(true);
  }

  async #compare(name: string, content: object): Promise<void> {
    kept.add(`${name}.json`);
    if (!("errors" in content || "options" in content))
      expect(validated({ ...content }), `${name} by Slack's rules`).toEqual({ ok: true });
    const text = `${JSON.stringify(steady(content), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(join(folder, `${name}.json`));
  }
}

const contentOf = ({ text, blocks }: Sent) => ({ text, ...(blocks === undefined ? {} : { blocks }) });
const hasButtons = ({ blocks = [] }: Sent): boolean =>
  blocks.some((block) => block.type === "actions" && /"confirm"/.test(JSON.stringify(block)));

/** Whether a message or a view shows all of them. */
function showsAll(shown: unknown, patterns: readonly (RegExp | string)[]): boolean {
  const text = JSON.stringify(shown);
  return patterns.every((one) => (typeof one === "string" ? text.includes(one) : one.test(text)));
}

/** Not a message that announces an answer or an end. */
const isWhole = ({ text }: Sent): boolean => !/^(Looking at|Observing)|: running \(op-/.test(text);

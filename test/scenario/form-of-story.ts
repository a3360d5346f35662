import { expect } from "vitest";
import type { FormValues, PageView, SuggestAnswer } from "../../src/workspace/page-protocol.ts";
import { textIn } from "./message-text.ts";
import { alice, type Story, until } from "./story.ts";
import { patient } from "./target.ts";

interface Filled {
  readonly luns?: readonly string[];
  readonly name?: string;
  readonly description?: string;
  readonly wipe?: boolean;
}

/** The form that is open for a person of a story. */
export class FormOfStory {
  readonly #story: Story;
  readonly #person: string;
  #subject: string[] | null = null;

  constructor(story: Story, person = alice) {
    this.#story = story;
    this.#person = person;
  }

  /** Every view that was shown, also those that an update has replaced. */
  static watch(story: Story): PageView[] {
    const shown: PageView[] = [];
    story.workspace.subscribe((event) => {
      if (event.kind === "view") shown.push(event.view);
    });
    return shown;
  }

  get view(): PageView | undefined {
    return this.#story.workspace.state().views.find(({ person }) => person === this.#person);
  }

  /** Waits until the form shows all of these. */
  async shows(...patterns: readonly (RegExp | string)[]): Promise<string> {
    const text = () => (this.view === undefined ? "" : textOf(this.view));
    const found = await until(
      () =>
        patterns.every((one) => (typeof one === "string" ? text().includes(one) : one.test(text())))
          ? text()
          : undefined,
      patient(10_000),
    );
    return found ?? expect.fail(`no form shows ${patterns.join(" and ")}: ${text()}\n${this.#story.logged.join("\n")}`);
  }

  async isClosed(): Promise<void> {
    const closed = await until(() => (this.view === undefined ? true : undefined), patient(10_000));
    expect(closed, "the form is closed").toBe(true);
  }

  /** What the menu of LUNs offers for these characters. */
  luns(query = ""): Promise<SuggestAnswer> {
    const [blockId] = this.#lunBlocks();
    if (blockId === undefined) expect.fail("the form has no menu of LUNs");
    return this.#suggest(blockId, "form-luns", query);
  }

  subjects(query = ""): Promise<SuggestAnswer> {
    return this.#suggest("subject", "form-subject", query);
  }

  /** Chooses a cluster or a storage. */
  async chooses(subject: string): Promise<void> {
    await this.subjects(subject);
    this.#subject = [subject];
    const { person, viewId } = this.#where();
    const values = this.#values({});
    await this.#story.workspace.choose({ person, viewId, blockId: "subject", actionId: "form-subject", values });
  }

  /** Sends the form; answers what is wrong with which input. */
  async sends(filled: Filled): Promise<Record<string, string>> {
    if (filled.luns !== undefined) await this.luns();
    return (await this.#story.workspace.submit({ ...this.#where(), values: this.#values(filled) })).errors;
  }

  #values({ luns, name, description, wipe }: Filled): FormValues {
    const has = (blockId: string) => this.view?.blocks.some(({ block_id }) => block_id === blockId) === true;
    return {
      ...(this.#subject !== null && { subject: { "form-subject": this.#subject } }),
      ...(luns !== undefined && Object.fromEntries(this.#lunBlocks().map((id) => [id, { "form-luns": [...luns] }]))),
      ...(name !== undefined && has("name") && { name: { name } }),
      ...(description !== undefined && { description: { description } }),
      ...(wipe !== undefined && { wipe: { wipe: wipe ? ["wipe"] : [] } }),
    };
  }

  #lunBlocks(): string[] {
    const ids = (this.view?.blocks ?? []).map(({ block_id }) => String(block_id));
    return ids.filter((id) => id.startsWith("luns "));
  }

  #suggest(blockId: string, actionId: string, query: string): Promise<SuggestAnswer> {
    return this.#story.workspace.suggest({ ...this.#where(), blockId, actionId, query });
  }

  #where(): { person: string; viewId: string } {
    return { person: this.#person, viewId: this.view?.id ?? expect.fail("no form is open") };
  }
}

export const textOf = (view: PageView): string => `${view.title}\n${textIn({ blocks: view.blocks, text: "" })}`;

/** The texts of the options, each with its second line. */
export const optionsIn = ({ groups }: SuggestAnswer): string[] =>
  groups.flatMap(({ options }) => options).map(({ text, description }) => `${text.text} | ${description?.text ?? ""}`);

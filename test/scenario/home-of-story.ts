import { expect } from "vitest";
import type { PageHome } from "../../src/workspace/page-protocol.ts";
import { buttonsIn, textIn } from "./message-text.ts";
import { alice, type Story, until } from "./story.ts";
import { patient } from "./target.ts";

/** The Home tab of a story's people. */
export class HomeOfStory {
  readonly #story: Story;
  constructor(story: Story) {
    this.#story = story;
  }

  opens(person = alice): Promise<void> {
    return this.#story.workspace.openHome({ person });
  }

  /** Waits until the Home of this person shows all patterns. */
  async shows(patterns: readonly (RegExp | string)[], person = alice): Promise<PageHome> {
    const matches = (home: PageHome) =>
      patterns.every((each) => (typeof each === "string" ? textOf(home).includes(each) : each.test(textOf(home))));
    const found = await until(() => this.#all(person).find(matches), patient(30_000));
    if (!found)
      expect.fail(
        `the Home does not show ${patterns.join(" and ")}:\n${this.#all(person).map(textOf).join("\n")}\n${this.#story.logged.join("\n")}`,
      );
    return found;
  }

  /** Waits until the Home of this person no longer shows the pattern. */
  async lacks(pattern: RegExp, person = alice): Promise<void> {
    const isGone = () => (this.#all(person).every((home) => !pattern.test(textOf(home))) ? true : undefined);
    if (!(await until(isGone, patient(30_000)))) expect.fail(`the Home still shows ${pattern}`);
  }

  async clicks(label: string, person = alice): Promise<void> {
    const button = await until(
      () =>
        this.#all(person)
          .flatMap(buttonsOf)
          .find((each) => each.label === label),
      patient(20_000),
    );
    if (!button)
      expect.fail(
        `the Home has no button ${label}: ${this.#all(person)
          .flatMap(buttonsOf)
          .map((each) => each.label)}`,
      );
    const { ts: messageTs, blockId, actionId } = button;
    await this.#story.workspace.click({ person, messageTs, blockId, actionId });
  }

  #all(person: string): PageHome[] {
    return this.#story.workspace.state().homes.filter((home) => home.person === person);
  }
}

export const textOf = (home: PageHome): string => textIn({ blocks: home.blocks, text: "" });
export const buttonsOf = ({ id, blocks }: PageHome) => buttonsIn({ ts: id, blocks });

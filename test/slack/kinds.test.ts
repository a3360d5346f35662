import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sentences, titles, type Written } from "./kinds.ts";

const folder = join(import.meta.dirname, "golden");
const golden = readdirSync(folder).map((name) => textsIn(JSON.parse(readFileSync(join(folder, name), "utf8"))));
const isShown = ({ pattern }: Written): boolean => golden.some((texts) => texts.some((text) => pattern.test(text)));

/** No story comes to these: each with why. */
const unshown: readonly (readonly [beginsWith: string, why: string])[] = [
  ["the words mean something else", "only after an update that changed a command"],
  ["its plan could not be written", "in the list of operations, where the disk filled up between two lines"],
  ["its own place could not be told", "only after a bug"],
  ["the inventory was not changed", "where the disk filled up between two lines"],
  ["the inventory could not be written", "test/store/full-disk.test.ts"],
  ["whether it is needed could not be read", "of single steps: the scenarios of maintain"],
  ["a bug of the bot stopped it", "only after a bug"],
  ["A bug of the bot kept the rest", "only after a bug"],
  ["The bot was stopped while it answered", "only if files are closed under an answer"],
  ["Nothing is claimed about what was done. Once", "only if files are closed under an answer"],
  ["showing the whole plan", "test/slack/channel.test.ts"],
  ["it is too long for one message", "test/slack/channel.test.ts"],
  ["more posts wait in the channel", "test/slack/post-queue.test.ts"],
  ["…and … more in the message", "test/slack/form.test.ts"],
];
const isExcused = ({ text }: Written): boolean => unshown.some(([begin]) => text.startsWith(begin));

/** The source tells which kinds of message there are, so that a new one without a golden file fails here. */
describe("golden files show", () => {
  it("every reply and every plan, by its title", () => {
    expect(titles().length).toBeGreaterThan(60);
    expect(titles().filter((each) => !isShown(each) && !isExcused(each))).toEqual([]);
  });

  it("every sentence that the bot says of itself", () => {
    expect(sentences().length).toBeGreaterThan(100);
    const missing = sentences().filter((each) => !isShown(each) && !isExcused(each));
    expect(missing.map(({ where, text }) => `${where}: ${text}`)).toEqual([]);
  });

  it("and no excuse is kept for what is shown, or is no longer said", () => {
    const all = [...titles(), ...sentences()];
    const needed = ([begin]: readonly [string, string]) =>
      all.some((each) => each.text.startsWith(begin) && !isShown(each));
    expect(unshown.filter((each) => !needed(each))).toEqual([]);
  });
});

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

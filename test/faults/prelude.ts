import type { LocalWorkspace } from "../../src/local/workspace/local-workspace.ts";
import { textIn } from "../scenario/message-text.ts";
import { People } from "./people.ts";
import { answerTo } from "./story.ts";
import { Timeline } from "./timeline.ts";
import { alice } from "./world.ts";

const LIMIT_MS = 300_000;

/** Types words and confirms them, one after another, while nothing goes wrong. */
export async function plays(workspace: LocalWorkspace, lines: readonly string[]): Promise<void> {
  const people = new People(workspace, new Timeline());
  for (const words of lines) {
    people.says(alice, words);
    const plan = await comes(`the plan of ${words}`, () => people.planOf(words));
    people.clicks(alice, plan, "Confirm", words);
    const isDone = () =>
      workspace
        .state()
        .messages.find(({ ts, ...rest }) => ts === plan.ts && textIn({ ...rest }).includes(": done (")) ?? null;
    const next = await comes(`the form or the end of ${words}`, () => people.formOf(alice) ?? isDone());
    if ("person" in next) people.submits(alice, next, plan, words, (label) => answerTo(label, words));
    await comes(`the end of ${words}`, isDone);
  }
}

async function comes<T>(what: string, look: () => T | null): Promise<T> {
  for (const end = Date.now() + LIMIT_MS; Date.now() < end; ) {
    const found = look();
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`before the story: ${what} did not come`);
}

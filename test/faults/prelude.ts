import type { LocalWorkspace } from "../../src/workspace/server/local-workspace.ts";
import { alice } from "./cast.ts";
import { isAbout, titleOf } from "./oracle/seen.ts";
import { People } from "./people.ts";
import { answerTo, PORT } from "./story.ts";
import { Timeline } from "./timeline.ts";

const LIMIT_MS = 300_000;
const AGAIN_MS = 20_000;

/** Types commands and confirms their plans, one after another, without faults. */
export async function plays(workspace: LocalWorkspace, lines: readonly string[], portOfThird: number): Promise<void> {
  const people = new People(workspace, new Timeline());
  for (const line of lines) {
    const words = line.replace(PORT, String(portOfThird));
    const before = new Set(workspace.state().messages.map(({ ts }) => ts));
    people.says(alice, words);
    const isDone = () =>
      workspace
        .state()
        .messages.find((message) =>
          words.startsWith("role grant")
            ? titleOf(message).startsWith("Granted: ")
            : isAbout(message, words) && / done \(/.test(titleOf(message)),
        ) ?? null;
    const plan = () => people.planOf(words);
    const first = await comes(`the plan or the end of ${words}`, () => plan() ?? isDone());
    if (before.has(first.ts)) throw new Error(`before the story: ${words} is there already`);
    if (plan() !== null) {
      people.clicks(alice, first, "Confirm", words);
      // On a busy computer a trigger may expire before the form opens. Then the button is clicked again.
      let clickedAt = Date.now();
      const next = await comes(`the form or the end of ${words}`, () => {
        if (Date.now() - clickedAt > AGAIN_MS && people.clicks(alice, first, "Confirm", words)) clickedAt = Date.now();
        return people.formOf(alice) ?? isDone();
      });
      if ("person" in next) people.submits(alice, next, first, words, (label) => answerTo(label, words));
    }
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

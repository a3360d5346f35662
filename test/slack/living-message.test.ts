import { describe, expect, it } from "vitest";
import { LivingMessage, updateBudget } from "../../src/slack/living-message.ts";

const change = (text: string) => ({ text, blocks: [] });

describe("a message that is changed", () => {
  it("is idle after its last change was sent, so that it need not be kept", async () => {
    const sent: string[] = [];
    await new Promise<void>((idle) => {
      const send = async ({ text }: { text: string }) => {
        sent.push(text);
        return sent.length === 1 ? 1 : null;
      };
      new LivingMessage(send, updateBudget(), idle).change(change("a copy"));
    });
    // The first attempt was refused for a moment.
    expect(sent).toEqual(["a copy", "a copy"]);
  });

  it("does not report that it is idle after it is closed: its caller removes it", async () => {
    let idle = false;
    const message = new LivingMessage(
      async () => null,
      updateBudget(),
      () => {
        idle = true;
      },
    );
    message.change(change("one"));
    await message.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(idle).toBe(false);
  });
});

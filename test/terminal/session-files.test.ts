import { expect, it } from "vitest";
import type { Flow } from "../../src/flow/flow.ts";
import type { Conversation } from "../../src/flow/ports.ts";
import { TerminalSession, type ToTerminal } from "../../src/terminal/session.ts";

it("a file of an answer is sent in pieces, each after the terminal has taken the one before; a picture is not", async () => {
  const content = "0123456789".repeat(60_000);
  const ask = (_words: string, _by: string, conversation: Conversation) =>
    conversation.say({
      reply: {
        ...{ title: "2 operations", tone: "plain", parts: [], next: [] },
        files: [
          { name: "map.png", content: { svg: "<svg/>" }, altText: "a map" },
          { name: "audit.csv", content, altText: null },
          { name: "empty.csv", content: "", altText: null },
        ],
      },
    });
  const sent: ToTerminal[] = [];
  let waited = 0;
  const setting = { flow: { ask } as unknown as Flow, san: null, channel: null, glass: null, isChange: () => false };
  const session = new TerminalSession(
    { ...setting, by: "terminal:root" },
    (answer) => void sent.push(answer),
    async () => {
      waited += 1;
    },
  );
  await session.take({ kind: "ask", words: "audit export", width: 80, colour: false, breakGlass: null });
  const files = sent.filter((answer) => answer.kind === "file");
  expect(files.map(({ name, isLast }) => [name, isLast])).toEqual([
    ["audit.csv", false],
    ["audit.csv", false],
    ["audit.csv", true],
    ["empty.csv", true],
  ]);
  const pieces = files.filter(({ name }) => name === "audit.csv").map(({ text }) => text);
  expect(pieces.join("")).toBe(content);
  expect(waited).toBe(4);
  expect(sent.at(-1)).toEqual({ kind: "end", good: true });
});

import { expect, it } from "vitest";
import type { Channel } from "../../src/flow/ports.ts";
import { messageNow } from "../../src/flow/ports.ts";
import { placesOf } from "../../src/terminal/places.ts";

const never = (): never => {
  throw new Error("nothing asks for this");
};

it("what an operation of a closed terminal causes is posted in the channel; without one it goes to the log", async () => {
  const lines: string[] = [];
  const channel: Channel = {
    place: "C1",
    say: async (message) => `${lines.push(`C1: ${messageNow(message).reply.title}`)}`,
    find: async () => null,
    revise: async () => undefined,
  };
  let home: Channel | null = channel;
  const slack = { at: never, inThread: never, withPerson: never };
  const log = { info: (text: string) => void lines.push(`log: ${text}`), error: never };
  const places = placesOf(slack, log, () => home);
  const place = JSON.stringify({ terminal: "kim" });
  const reply = { title: "op-7 causes this, so it is no incident", tone: "plain" as const, parts: [], next: [] };

  await places.inThread(place, "log").say({ reply });
  await places.at(place).say({ reply });
  home = null;
  await places.inThread(place, "log").say({ reply });

  expect(lines).toEqual([`C1: ${reply.title}`, `log: ${reply.title}`, `log: ${reply.title}`]);
});

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { keptStream } from "../../src/ssh/kept-stream.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** How often a program is started in an hour that prints its heading and ends after this time. */
async function startsInAnHour(runsMs: number): Promise<number> {
  let starts = 0;
  const session = {
    stream: async (_line: string, onText: (text: string) => void): Promise<string> => {
      starts += 1;
      onText("monitor will print the received events for:\n");
      await new Promise((resolve) => setTimeout(resolve, runsMs));
      return "it ended";
    },
  };
  const stream = keptStream(session, ["udevadm"], { onLine: () => undefined, onTrouble: () => undefined });
  await vi.advanceTimersByTimeAsync(3_600_000);
  stream.stop();
  return starts;
}

it("a program that ends at once is started at most once a minute, after a few quick attempts", async () => {
  expect(await startsInAnHour(0)).toBeLessThan(70);
});
it("a program that ran for minutes is started again within seconds", async () => {
  expect(await startsInAnHour(120_000)).toBe(Math.ceil(3_600 / 121));
});

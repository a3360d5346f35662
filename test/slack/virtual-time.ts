import type { Time } from "../../src/slack/retry.ts";

/** A clock that only sleeping moves: what waits for minutes takes no time, and says how long it waited. */
export function virtualTime(): Time & { readonly slept: number[] } {
  let at = 0;
  const slept: number[] = [];
  return {
    slept,
    now: () => at,
    sleep: async (ms) => {
      slept.push(ms);
      at += ms;
    },
  };
}

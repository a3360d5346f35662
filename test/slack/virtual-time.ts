import type { Time } from "../../src/slack/retry.ts";

/** A clock that moves only by sleeping. A wait of minutes takes no time, and its length is recorded. */
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

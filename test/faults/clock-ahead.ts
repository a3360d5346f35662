// Loaded into the bot's process before the bot. The bot's clock is CLOCK_AHEAD_MS ahead of Slack's and the hosts'
// clocks.
const aheadMs = Number(process.env.CLOCK_AHEAD_MS ?? "0");
if (aheadMs > 0) {
  const RealDate = Date;
  globalThis.Date = class extends RealDate {
    constructor(...args: [] | [number | string | Date]) {
      if (args.length === 0) super(RealDate.now() + aheadMs);
      else super(...args);
    }
    static override now(): number {
      return RealDate.now() + aheadMs;
    }
  } as DateConstructor;
}

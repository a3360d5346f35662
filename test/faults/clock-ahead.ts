// Loaded into the bot's process before the bot: its clock is CLOCK_AHEAD_MS later than that of Slack and of the hosts.
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

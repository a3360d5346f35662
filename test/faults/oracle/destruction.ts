import type { Evidence } from "../evidence.ts";
import { allTextOf, commandKey, isTerminal, names, planKey, programsIn, terminalTextOf } from "./seen.ts";

/**
 * Only what a person of OPERATORS confirmed is destroyed on a host. The form was under a plan that named it, and was
 * sent before the run. Each confirmed plan destroys it at most once. A plan that was confirmed at a terminal is in
 * the channel and on that terminal. Both name what is destroyed.
 */
export function unconfirmedDestruction({ events, operators }: Evidence): string[] {
  const confirmed = events.flatMap((event) => {
    if (event.kind !== "action" || !event.confirms || event.messageTs === null) return [];
    if (!operators.includes(event.person)) return [];
    const { seq, messageTs } = event;
    const shownAt = events.find((each) => each.kind === "message" && each.message.ts === messageTs)?.seq ?? 0;
    const text = allTextOf(messageTs, events, seq);
    const texts = isTerminal(event.person) ? [text, terminalTextOf(event.person, events, seq)] : [text];
    return [{ seq, shownAt, plan: planKey(messageTs, events), text, texts }];
  });
  const used = new Set<string>();
  return programsIn(events).flatMap(({ seq, host, argv, real }) => {
    if (real === null || !destroys(argv)) return [];
    const key = commandKey(host, argv);
    const named = confirmed.filter((each) => each.seq < seq && each.texts.every((text) => names(text, host, argv)));
    // Content that was written to a LUN after the plan was shown, no person has seen.
    const able = named.filter(
      ({ shownAt, text }) =>
        !events.some(
          (each) => each.kind === "written" && each.seq > shownAt && each.seq < seq && text.includes(each.wwid),
        ),
    );
    const plan = able.map((each) => each.plan).find((each) => !used.has(`${each} ${key}`));
    if (plan !== undefined) {
      used.add(`${plan} ${key}`);
      return [];
    }
    if (able.length === 0 && named.length > 0)
      return [`${key} ran (${seq}) on what was written after its plan was shown`];
    return [
      able.length === 0 ? `nobody had confirmed ${key} (${seq})` : `${key} ran once more than confirmed (${seq})`,
    ];
  });
}

/** Commands that can't be undone, under any name of the bot. */
export function destroys([program = "", ...args]: readonly string[]): boolean {
  switch (program) {
    case "wipefs":
      return (args.includes("--all") || args.includes("-a")) && !args.includes("--no-act");
    case "dd":
      return args.some((arg) => arg.startsWith("of=/dev/"));
    case "virsh":
      return args.includes("destroy");
    default:
      return /^(vg|lv|pv)(create|remove|extend|reduce)$|^(vgextend|lvresize|mkfs.*|sgdisk|blkdiscard)$/.test(program);
  }
}

import { shellLine } from "../../src/core/host-command.ts";
import { MONITOR_EVENTS } from "../../src/host/udev.ts";
import { argvWithTimeout } from "../../src/ssh/shell-script.ts";
import { daemons } from "../../src/watch/daemons.ts";
import { fillReads, readsOf } from "../../src/watch/watch-reads.ts";

/**
 * The watch asks at its own times. A story and its faults count only what people's commands run. A person's command may
 * ask the same, but waits longer for it.
 */
export const isOfWatch = (line: string): boolean => ofWatch.some((words) => unquoted(line).includes(words));
/** The shell of a line has another shell's line as one word: its quotes are quoted again. */
const unquoted = (line: string): string => line.replaceAll(/['\\]/g, "");
const ofWatch = [
  ...[...daemons.flatMap((daemon) => Object.values(readsOf(daemon))), ...Object.values(fillReads)].map((read) =>
    unquoted(shellLine(argvWithTimeout(read))),
  ),
  unquoted(shellLine(MONITOR_EVENTS)),
];

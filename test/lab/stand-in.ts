import type { Fault } from "../../src/simulator/san/fault.ts";

/** A file of the guest: one line for each run of a program that has a stand-in, written before the program begins. */
export const ranLog = "/var/log/lab-ran";

export interface StandIn {
  readonly program: string;
  readonly text: string;
}

type FaultOfRun = Extract<Fault, { program: string }>;

/**
 * A script that PATH finds before the program. It notes each run, and fails as the fault says. The
 * connection is cut once, by killing the sshd that serves it. The same command then works when it is sent again.
 */
export function standIn(program: string, fault: FaultOfRun | null): StandIn {
  const text = `#!/bin/sh
program() {
  echo "$(date +%s%N) ${program} $*" >> ${ranLog}
  PATH=/usr/sbin:/usr/bin:/sbin:/bin ${program} "$@"
}
cut() {
  touch /run/lab-cut-${program}
  process=$$
  while [ "$process" -gt 1 ] && [ "$(cat /proc/$process/comm)" != sshd ]; do
    process=$(awk '{ print $4 }' /proc/$process/stat)
  done
  kill -KILL "$process"
  sleep 1
  exit 1
}
met=${fault === null ? "" : "yes"}
${fault === null ? "" : conditions(fault)}
if [ -n "$met" ]; then
${fault === null ? ":" : happens(fault, program)}
fi
program "$@"
`;
  return { program, text };
}

/** A script that installs them on a guest. */
export const written = (programs: readonly StandIn[]): string =>
  programs
    .map(
      ({ program, text }) =>
        `cat > /usr/local/sbin/${program} <<'END-OF-STAND-IN'\n${text}END-OF-STAND-IN\nchmod 755 /usr/local/sbin/${program}`,
    )
    .join("\n");

function conditions(fault: FaultOfRun): string {
  const has = (argument: string) => `found=; for word in "$@"; do [ "$word" != '${argument}' ] || found=yes; done`;
  const lines: string[] = [];
  if ("argument" in fault && fault.argument !== undefined)
    lines.push(`${has(fault.argument)}; [ -n "$found" ] || met=`);
  if ("without" in fault && fault.without !== undefined) lines.push(`${has(fault.without)}; [ -z "$found" ] || met=`);
  return lines.join("\n");
}

function happens(fault: FaultOfRun, program: string): string {
  switch (fault.kind) {
    case "invalid output":
      return `printf '%s' '${fault.stdout}'; exit 0`;
    case "fails":
      return `${fault.once ? `if [ ! -e /run/lab-failed-${program} ]; then touch /run/lab-failed-${program}; ` : ""}echo '${fault.stderr}' >&2; exit ${fault.exitCode}${fault.once ? "; fi" : ""}`;
    case "hangs":
      return `${fault.after === "effect" ? 'program "$@"; ' : ""}exec sleep 3600`;
    case "cut during":
      return `if [ ! -e /run/lab-cut-${program} ]; then
  ${fault.after === "effect" ? 'program "$@"' : ":"}
  cut
fi`;
    case "lacks":
      return "exit 127";
  }
}

import type { Fault } from "../../src/simulator/san/fault.ts";
import { performInLab, typedPath, typeIn } from "./control.ts";
import { counted } from "./counted.ts";
import { standIn, written } from "./stand-in.ts";

/** What bash reads first if sshd started it. */
const shellStart = "/etc/bash.bashrc";

/** Every command that the bot sends to the host waits before it runs. What the lab types there does not wait. */
const slowing = (ms: number): string =>
  `{ echo 'case "$BASH_EXECUTION_STRING" in *"${typedPath}"*) ;; *) sleep ${ms / 1000} ;; esac # lab-slow'; cat ${shellStart}; } > ${shellStart}.slow
   mv ${shellStart}.slow ${shellStart}`;

/** A fault begins on a host of the running lab. */
export async function happens(host: string, fault: Fault): Promise<void> {
  switch (fault.kind) {
    case "down":
      return void (await performInLab("ssh-refuse", host));
    case "silent":
      return void (await performInLab("ssh-cut", host));
    case "slow":
      return void (await typeIn(host, slowing(fault.ms)));
    case "lacks":
      // The stand-in that counts the program goes too. Both come back when the fault ends.
      return void (await typeIn(
        host,
        `rm -f /usr/local/sbin/${fault.program}; file=$(command -v ${fault.program}); mv $file $file.hidden`,
      ));
    case "refuses key":
    case "other host key":
    case "sudo wants a password":
    case "sudo allows only the root helper":
      throw new Error(`in the lab there is no host with ${fault.kind}`);
    default:
      return void (await typeIn(host, written([standIn(fault.program, fault)])));
  }
}

/** Ends all faults of a host. */
export async function ends(host: string): Promise<void> {
  await performInLab("ssh-cut", host, "off");
  await typeIn(
    host,
    `for file in /usr/sbin/*.hidden /usr/bin/*.hidden; do
      [ ! -e "$file" ] || mv "$file" "\${file%.hidden}"
    done
    sed --in-place '/# lab-slow$/d' ${shellStart}
    rm -f /usr/local/sbin/* /run/lab-cut-* /run/lab-failed-*
    ${written(counted)}`,
  );
}

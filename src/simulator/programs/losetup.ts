import { complained, type Program, printed } from "../san/program.ts";
import { deviceOf } from "../san/san-users.ts";

/** `losetup --list --noheadings --output NAME,BACK-FILE` */
export const losetup: Program = (args, { host }) => {
  if (args.join(" ") !== "--list --noheadings --output NAME,BACK-FILE") {
    return complained("losetup: only --list --noheadings --output NAME,BACK-FILE is simulated\n");
  }
  return printed(host.loops.map(({ wwid, name }) => `${name} /dev/${deviceOf(host, wwid)}\n`).join(""));
};

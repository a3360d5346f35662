import { complained, type Program, printed } from "../san/program.ts";
import { openersOn } from "../san/san-users.ts";

/** `ps -e -o pid=,comm=`: the programs that have disks open, and a few others. */
export const ps: Program = (args, { san, host }) => {
  if (args.join(" ") !== "-e -o pid=,comm=") return complained("error: only -e -o pid=,comm= is simulated\n");
  const all = [{ pid: 1, name: "systemd" }, ...openersOn(san, host)];
  return printed(all.map(({ pid, name }) => `${String(pid).padStart(7)} ${name.slice(0, 15)}\n`).join(""));
};

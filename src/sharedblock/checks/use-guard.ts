import { answersIn, notesIn } from "../../core/host-command.ts";
import type { Host } from "../../core/inventory.ts";
import type { GuardRead } from "../../core/plan.ts";
import { udevIsDone } from "../../host/udev.ts";
import { type HostView, useReads, viewWith } from "../looks/host-view.ts";
import { oddAbout } from "../looks/oddities.ts";
import { userReads, withUse } from "../looks/use.ts";
import type { Objection } from "../objection.ts";

/**
 * Immediately before LUNs are changed: what a host says of them and of who uses them. The disks of its VMs are asked for
 * beside the commands that are listed, since nobody knows in advance which VMs there will be.
 */
export const guardOfUse = (
  host: Host,
  wwids: readonly string[],
  against: (view: HostView) => readonly Objection[],
): GuardRead => ({
  host,
  commands: [udevIsDone, ...Object.values(useReads), ...Object.values(userReads)],
  async ask(gather) {
    const gathered = await gather(host, { udevIsDone, ...useReads });
    const answers = answersIn(gathered, true);
    if (typeof answers === "string") return `${host.name} could not be asked whether it is safe: ${answers}`;
    const { udevIsDone: _done, ...seen } = answers;
    const notUnderstood = notesIn(gathered);
    const view = await withUse(viewWith(host, { ...seen, notUnderstood }), wwids, gather);
    const odd = oddAbout(view, wwids).map(({ why }) => `what ${host.name} tells of the LUN is not understood: ${why}`);
    const objections = new Set([...odd, ...against(view)]);
    return objections.size === 0 ? null : `${host.name}: ${[...objections].join("; ")}`;
  },
});

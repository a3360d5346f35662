import type { Facts } from "../../core/facts.ts";
import type { Gathered } from "../../core/host-command.ts";
import type { Host } from "../../core/inventory.ts";
import { type HostView, lunReads, viewOf } from "./host-view.ts";
import { makeLuns } from "./lun.ts";
import { keepObservation } from "./status.ts";

/** Observes all hosts at the same time. A host that does not answer is in the result with its problem. */
export const observeHosts = (hosts: readonly Host[], facts: Facts): Promise<HostView[]> =>
  Promise.all(
    hosts.map(async (host) => {
      const view = await viewMade(host, await facts.gather(host, lunReads));
      keepObservation(view, facts);
      return view;
    }),
  );

/** A host's view with its LUNs. It is made in slices, so that the bot can do other work between them. */
export async function viewMade(host: Host, seen: Gathered<typeof lunReads>): Promise<HostView> {
  const view = viewOf(host, seen);
  await makeLuns(view);
  return view;
}

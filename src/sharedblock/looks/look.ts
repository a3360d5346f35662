import type { Facts } from "../../core/command.ts";
import type { Host } from "../../core/inventory.ts";
import { type HostView, lunReads, viewOf } from "./host-view.ts";
import { keepLook } from "./status.ts";

/** Looks at all hosts side by side; a host that does not answer is there with its problem, never left out. */
export const lookAtHosts = (hosts: readonly Host[], facts: Facts): Promise<HostView[]> =>
  Promise.all(
    hosts.map(async (host) => {
      const view = viewOf(host, await facts.gather(host, lunReads));
      keepLook(view, facts);
      return view;
    }),
  );

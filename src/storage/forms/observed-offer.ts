import type { Facts } from "../../core/facts.ts";
import { clusterOf } from "../../core/find.ts";
import type { OfferOf } from "../../core/guided-form.ts";
import type { Host } from "../../core/inventory.ts";
import { observeHosts } from "../observe/hosts.ts";
import { lunsOf } from "../observe/lun.ts";
import { withUses } from "../observe/use.ts";
import { ownerOf } from "../owner.ts";
import { lunOffer } from "./lun-offer.ts";

/**
 * Observes the hosts that will share the LUNs. The process or VM that uses a LUN needs a second round trip. It is made
 * only for LUNs that are open or have no map. The plan reads everything again, on every host.
 */
export async function observedOffer(hosts: readonly Host[], facts: Facts): Promise<OfferOf> {
  const seen = await observeHosts(hosts, facts);
  const open = lunsOf(seen).filter(
    ({ wwid, on }) =>
      ownerOf(wwid, facts.inventory) === null && on.some((each) => each.map === null || each.unexplainedOpens > 0),
  );
  const views = await withUses(
    seen,
    open.map(({ wwid }) => wwid),
    facts.gather,
  );
  return lunOffer(views, `lun list ${clusterOf(facts.inventory, hosts).name}`);
}

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
 * Observes the hosts that will share the LUNs. Which process or VM uses a LUN takes a second round trip: only for LUNs that
 * are open, or have no map that counts who opens them. The plan asks all of it again, on every host.
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

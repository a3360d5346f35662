import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { hostsMeant, refuse } from "../../src/core/find.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { heldThrough, withUsersThrough } from "../../src/iscsi/held.ts";
import { isMeant, logoutPlan, unnamedSessions } from "../../src/iscsi/logout.ts";
import { portalListSchema, targetSchema } from "../../src/iscsi/names.ts";
import { lookAtTarget } from "../../src/iscsi/observe.ts";

export const iscsiLogout = defineChange({
  name: "iscsi logout",
  summary: "end iSCSI sessions, now and at boot; refused while a LUN behind them is in use",
  risk: "trust",
  args: z.strictObject({
    hostOrCluster: nameSchema.describe("a host or a cluster"),
    target: targetSchema.describe("name of the target"),
    portal: portalListSchema.describe("only at these portals, IP or IP:PORT, several with commas").optional(),
  }),
  positional: ["hostOrCluster"],
  examples: ["iscsi logout cluster-1 target=iqn.2003-01.org.linux-iscsi.array2:shared"],
  async plan({ hostOrCluster: place, target, portal: portals = null }, facts) {
    const { inventory } = facts;
    const hosts = hostsMeant(inventory, place);
    const looks = await lookAtTarget(target, hosts, facts);
    const meant = isMeant({ target, portals });
    const unread = looks.flatMap(({ host, problems, view }) =>
      [...problems, ...view.problems].map((problem) => `${host.name} can't be read whole: ${problem}`),
    );
    const used = await Promise.all(
      looks.map(async ({ sessions, view }) => {
        const ended = sessions.filter(meant);
        return heldThrough(ended, await withUsersThrough(ended, view, facts.gather), inventory);
      }),
    );
    const held = used.flat();
    const unnamed = looks.flatMap((look) => unnamedSessions(look, meant));
    const doing = `logging ${place} out of ${target}`;
    refuse(doing, [...unread, ...held, ...unnamed], [`iscsi list ${place}`, "sharedblock list"]);
    return logoutPlan({ place, target, portals, looks, inventory });
  },
});

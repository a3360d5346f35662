import { guarded, iscsiOf, luns, first as portal1, second as portal2, secret, user } from "./iscsi-words.ts";
import type { Story } from "./story.ts";
import { target } from "./target.ts";

export interface GuardedTarget {
  readonly iqn: string;
  /** One of the LUNs behind it. */
  readonly lun: string;
  readonly portal: string;
  /** What is typed to log the host in. */
  readonly login: string;
}

/** An iSCSI target that lets in only who knows the secret, and to which the host is not logged in. */
export async function guardedTarget(story: Story, host: string): Promise<GuardedTarget> {
  const { iqn, portals, lun } =
    target === "simulated"
      ? { iqn: guarded, portals: [portal1, portal2], lun: luns.guarded }
      : await iscsiOf(story, host);
  if (target === "lab") {
    await story.says(`/zstack iscsi logout ${host} target=${iqn}`);
    await story.clicks("Confirm");
    await story.shows(`Log ${host} out of ${iqn}: done`);
    await story.hosts.guards(iqn, user, secret);
  }
  const login = `/zstack iscsi login ${host} portal=${portals.join(",")} target=${iqn} chap-user=${user}`;
  return { iqn, lun, portal: portals[0] ?? "", login };
}

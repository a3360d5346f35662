import type { Facts } from "../../core/facts.ts";
import { clusterNamed } from "../../core/find.ts";
import type { PresentedHost } from "../../core/host-key.ts";
import type { Cluster, Host } from "../../core/inventory.ts";
import { reasonOf } from "../../core/outcome.ts";
import { type Plan, plan } from "../../core/plan.ts";
import { Refusal, reason, refuse } from "../../core/refusal.ts";
import { readHostname } from "../../host/hostname.ts";
import { clusterLock } from "../locks.ts";
import { certificateFields, wayFields } from "../render/presented-host.ts";

interface AddHostRequest {
  readonly name: string;
  readonly address: string;
  readonly cluster: string;
  /** Not typed: what OpenSSH's configuration says, or else 22 and root. */
  readonly port?: number | undefined;
  readonly user?: string | undefined;
}

export async function planAddHost(asked: AddHostRequest, facts: Facts): Promise<Plan> {
  const { inventory } = facts;
  const cluster = clusterNamed(inventory, asked.cluster);
  const headline = `Host ${asked.name} can't be added`;
  const { address } = asked;
  const taken = (port: number) => {
    const same = inventory.hosts.find((host) => host.address === address && host.port === port);
    if (same === undefined) return [];
    return [reason("NAME_TAKEN", `${same.name} has the address ${address}:${port}`, "type another address")];
  };
  const named = [...inventory.hosts, ...inventory.clusters].some((each) => each.name === asked.name);
  refuse(
    headline,
    [
      ...(named ? [reason("NAME_TAKEN", `${asked.name} is the name of a host or cluster`)] : []),
      ...taken(asked.port ?? 22),
    ],
    { next: ["host list"] },
  );
  const shown = await facts.presentedBy({ address, port: asked.port ?? null, user: asked.user ?? null });
  if (shown.kind !== "done") {
    const fix = `check the address and the port, and that sshd runs on ${asked.name}`;
    throw new Refusal(headline, reason("HOST_UNREACHABLE", reasonOf(shown) ?? "", fix), { next: ["help host add"] });
  }
  refuse(headline, taken(shown.value.port), { next: ["host list"] });
  const host: Host = {
    uuid: facts.uuid(`host ${asked.name}`),
    name: asked.name,
    clusterUuid: cluster.uuid,
    address,
    port: shown.value.port,
    user: shown.value.user,
    hostKeySha256: shown.value.sha256,
    sanlockHostId: null,
  };
  return trustPlan(host, cluster, shown.value);
}

const trustPlan = (host: Host, cluster: Cluster, shown: PresentedHost): Plan =>
  plan({
    title: `Trust ${host.name} and add it to ${cluster.name}`,
    verb: "Trust and Add",
    undo: { command: `host remove ${host.name}` },
    facts: [
      {
        kind: "fields",
        fields: [
          ["address", `${host.address}:${host.port}`],
          ...wayFields(shown),
          ["user", host.user],
          ["host key", [{ code: host.hostKeySha256 }]],
          ...certificateFields(shown),
        ],
      },
      {
        kind: "text",
        text: "Compare the fingerprint with what the host itself prints: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub. From now on another key is refused.",
      },
    ],
    stages: [
      {
        kind: "hosts",
        title: "Log in with that key",
        steps: [{ host, command: readHostname, why: "proves that the login works" }],
      },
      { kind: "record", title: "Write the inventory", changes: [{ kind: "host added", host }] },
    ],
    locks: ["inventory", clusterLock(cluster)],
  });

import type { Facts } from "../../core/facts.ts";
import { clusterNamed } from "../../core/find.ts";
import type { Host } from "../../core/inventory.ts";
import { reasonOf } from "../../core/outcome.ts";
import { type Plan, plan } from "../../core/plan.ts";
import { Refusal, reason, refuse } from "../../core/refusal.ts";
import { readHostname } from "../../host/hostname.ts";

interface AddHostRequest {
  readonly name: string;
  readonly address: string;
  readonly cluster: string;
  readonly port: number;
  readonly user: string;
}

export async function planAddHost(asked: AddHostRequest, facts: Facts): Promise<Plan> {
  const { inventory } = facts;
  const cluster = clusterNamed(inventory, asked.cluster);
  const headline = `Host ${asked.name} can't be added`;
  const same = inventory.hosts.find((host) => host.address === asked.address && host.port === asked.port);
  const named = [...inventory.hosts, ...inventory.clusters].some((each) => each.name === asked.name);
  refuse(
    headline,
    [
      ...(named ? [reason("NAME_TAKEN", `${asked.name} is the name of a host or cluster`)] : []),
      ...(same
        ? [reason("NAME_TAKEN", `${same.name} has the address ${asked.address}:${asked.port}`, "type another address")]
        : []),
    ],
    { next: ["host list"] },
  );
  const key = await facts.hostKeyOf(asked.address, asked.port);
  if (key.kind !== "done") {
    const fix = `check the address and the port, and that sshd runs on ${asked.name}`;
    throw new Refusal(headline, reason("HOST_UNREACHABLE", reasonOf(key) ?? "", fix), { next: ["help host add"] });
  }
  const host: Host = {
    uuid: facts.uuid(`host ${asked.name}`),
    name: asked.name,
    clusterUuid: cluster.uuid,
    address: asked.address,
    port: asked.port,
    user: asked.user,
    hostKeySha256: key.value,
    sanlockHostId: null,
  };
  return trustPlan(host, cluster.name);
}

const trustPlan = (host: Host, cluster: string): Plan =>
  plan({
    title: `Trust ${host.name} and add it to ${cluster}`,
    verb: "Trust and Add",
    undo: { command: `host remove ${host.name}` },
    facts: [
      {
        kind: "fields",
        fields: [
          ["address", `${host.address}:${host.port}`],
          ["user", host.user],
          ["host key", [{ code: host.hostKeySha256 }]],
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
    locks: ["inventory"],
  });

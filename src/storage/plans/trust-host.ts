import type { Facts } from "../../core/facts.ts";
import { hostNamed } from "../../core/find.ts";
import type { PresentedHost } from "../../core/host-key.ts";
import type { Host, Inventory } from "../../core/inventory.ts";
import { reasonOf } from "../../core/outcome.ts";
import { type Plan, plan } from "../../core/plan.ts";
import { Refusal, reason } from "../../core/refusal.ts";
import type { Part } from "../../core/reply.ts";
import { readHostname } from "../../host/hostname.ts";
import { clusterLocks } from "../locks.ts";
import { certificateFields, wayFields } from "../render/presented-host.ts";

/** Records the key that a host shows now. Made again at the click: a third key makes another plan. */
export async function planTrustHost({ name }: { readonly name: string }, facts: Facts): Promise<Plan> {
  const { inventory } = facts;
  const host = hostNamed(inventory, name);
  const headline = `The key of ${name} can't be trusted`;
  const shown = await facts.presentedBy(host);
  if (shown.kind !== "done") {
    const fix = `make ${name} answer over SSH, then send the command again`;
    throw new Refusal(headline, reason("HOST_UNREACHABLE", reasonOf(shown) ?? "", fix), {
      next: [`host show ${name}`],
    });
  }
  const { sha256 } = shown.value;
  if (sha256 === host.hostKeySha256) {
    const why = `${name} shows the key that the bot trusts already: ${sha256}`;
    throw new Refusal(headline, reason("NOTHING_TO_DO", why), { next: [`host show ${name}`] });
  }
  return trustPlan(host, shown.value, inventory);
}

const trustPlan = (host: Host, shown: PresentedHost, inventory: Inventory): Plan =>
  plan({
    title: `Trust the new key of ${host.name}`,
    verb: "Trust New Key",
    undo: { none: "the bot trusts only a key that the host shows. If that changes again, send the command again" },
    facts: [
      {
        kind: "fields",
        fields: [
          ["address", `${host.address}:${host.port}`],
          ...wayFields(shown),
          ["trusted until now", [{ code: host.hostKeySha256 }]],
          ["shown now", [{ code: shown.sha256 }]],
          ...certificateFields(shown),
        ],
      },
      {
        kind: "text",
        text: "The host was reinstalled, or another computer answers at its address. Find out which.",
        tone: "warning",
      },
      ...sameKeyParts(host, shown, inventory),
      {
        kind: "text",
        text: "Compare the fingerprint with what the host itself prints on its console: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub. From now on the earlier key is refused.",
      },
    ],
    stages: [
      {
        kind: "hosts",
        title: "Log in with the new key",
        steps: [
          { host: { ...host, hostKeySha256: shown.sha256 }, command: readHostname, why: "proves that the login works" },
        ],
      },
      {
        kind: "record",
        title: "Write the inventory",
        changes: [{ kind: "host key trusted", hostUuid: host.uuid, hostKeySha256: shown.sha256 }],
      },
    ],
    locks: ["inventory", ...clusterLocks([host], inventory)],
    result: async () => ({ shown: [], next: [`host show ${host.name}`, `host prepare ${host.name}`] }),
  });

/** Two hosts that changed their addresses show each other's key. */
const sameKeyParts = (host: Host, { sha256 }: PresentedHost, { hosts }: Inventory): Part[] =>
  hosts
    .filter((each) => each.uuid !== host.uuid && each.hostKeySha256 === sha256)
    .map((each) => ({
      kind: "text",
      text: `${each.name} has the same key in the inventory. Its computer may answer at this address.`,
      tone: "bad",
    }));

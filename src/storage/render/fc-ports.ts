import { counted } from "../../core/counted.ts";
import type { Facts } from "../../core/facts.ts";
import { chosenHosts } from "../../core/find.ts";
import { valueOr } from "../../core/outcome.ts";
import type { Part, Reply } from "../../core/reply.ts";
import { listFcHosts } from "../../host/fc-host.ts";
import { problemsOf } from "../observe/host-view.ts";
import { problemsPart } from "./matrix.ts";

export async function fcPortsReply(
  { hostOrCluster: place }: { readonly hostOrCluster?: string | undefined },
  facts: Facts,
): Promise<Reply> {
  const hosts = place === undefined ? facts.inventory.hosts : chosenHosts(facts.inventory, place);
  const observations = await Promise.all(
    hosts.map(async (host) => {
      const seen = await facts.gather(host, reads);
      return { host, ports: valueOr(seen.ports, []), problems: problemsOf(reads, seen) };
    }),
  );
  const all = observations.flatMap(({ host, ports }) =>
    ports.map((port) => ({ host, port, isUp: port.state === "Online" })),
  );
  const down = all.filter(({ isUp }) => !isUp);
  const table: Part = {
    kind: "table",
    columns: ["host", "port", "WWPN", "link", "speed", "adapter"],
    rows: [...down, ...all.filter(({ isUp }) => isUp)].map(({ host, port }) => [
      host.name,
      port.name,
      port.portName,
      port.state,
      port.speed ?? "none",
      port.symbolicName ?? "unknown",
    ]),
  };
  const without = observations.filter(({ ports, problems }) => ports.length === 0 && problems.length === 0);
  const problems = problemsPart(observations);
  return {
    title: `${counted(all.length, "Fibre Channel port")} of ${place ?? "all hosts"}, ${down.length} without a link`,
    tone: down.length > 0 || problems !== null ? "warning" : "plain",
    parts: [
      ...(all.length > 0 ? [table] : []),
      ...(without.length > 0
        ? [{ kind: "text", text: `No such adapter: ${without.map(({ host }) => host.name).join(", ")}.` } as const]
        : []),
      ...(problems === null ? [] : [problems]),
    ],
    next: [],
  };
}

const reads = { ports: listFcHosts };

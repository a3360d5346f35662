import { counted } from "../../core/counted.ts";
import type { Facts } from "../../core/facts.ts";
import { chosenHosts } from "../../core/find.ts";
import { valueOr } from "../../core/outcome.ts";
import { type Inline, linesPart, type Part, type Reply } from "../../core/reply.ts";
import { few, sharedFacts } from "../../core/shared-facts.ts";
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
    caption: "Ports",
    columns: ["host", "port", "link", "WWPN", "speed", "adapter"],
    rows: [...down, ...all.filter(({ isUp }) => isUp)].map(({ host, port }) => [
      ...[host.name, port.name, port.state, port.portName],
      ...[port.speed ?? "none", port.symbolicName ?? "unknown"],
    ]),
  };
  const links = sharedFacts(
    observations.filter(({ ports }) => ports.length > 0),
    ({ host }) => host.name,
    ({ ports }) => linksText(ports),
    hosts.length,
  ).map(({ fact, hosts: names }): Inline[] => [{ bold: names }, ` ${fact}`]);
  const without = observations.filter(({ ports, problems }) => ports.length === 0 && problems.length === 0);
  const problems = problemsPart(observations);
  return {
    title: `${counted(all.length, "Fibre Channel port")} of ${place ?? "all hosts"}, ${down.length} without a link`,
    tone: down.length > 0 || problems !== null ? "warning" : "plain",
    parts: [
      ...(links.length > 0 ? [linesPart("Links", links)] : []),
      ...(all.length > 0 && hosts.length <= MOST_HOSTS ? [table] : []),
      ...(without.length > 0
        ? [{ kind: "text", text: `No such adapter: ${few(without.map(({ host }) => host.name))}.` } as const]
        : []),
      ...(problems === null ? [] : [problems]),
    ],
    next: [],
    // Each port has its own WWPN: of many hosts that is for who asks for it.
    ...(all.length > 0 && hosts.length > MOST_HOSTS ? { details: { title: "Ports and WWPNs", parts: [table] } } : {}),
  };
}

/** So many hosts fit on a screen with a row for each port. */
const MOST_HOSTS = 6;

/** `2 Online, 16 Gbit; 1 Linkdown` */
function linksText(ports: readonly { readonly state: string; readonly speed: string | null }[]): string {
  const states = new Map<string, number>();
  for (const { state, speed } of ports) {
    const text = speed === null ? state : `${state}, ${speed}`;
    states.set(text, (states.get(text) ?? 0) + 1);
  }
  return [...states].map(([text, count]) => `${count} ${text}`).join("; ");
}

const reads = { ports: listFcHosts };

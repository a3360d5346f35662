import type { Inventory } from "../core/inventory.ts";
import type { NextStep, Reply } from "../core/reply.ts";

/** The reply to `/zstack` alone. With one cluster its buttons act on it; with several the answer asks which one. */
export function menuReply({ clusters, primaryStorages }: Pick<Inventory, "clusters" | "primaryStorages">): Reply {
  const [first, ...others] = clusters;
  if (first === undefined) return emptyReply;
  const of = (words: string): string => (others.length === 0 ? `${words} ${first.name}` : words);
  const next: NextStep[] = [
    { label: "What's Wrong?", words: of("cluster check") },
    { label: "LUNs", words: of("lun list") },
    { label: "Paths", words: of("multipath status") },
    { label: "Storages", words: "sharedblock list" },
    { label: "Add Storage…", words: "sharedblock add" },
    ...(primaryStorages.length > 0 ? [{ label: "Extend…", words: "sharedblock extend" }] : []),
    { label: "History", words: "operation list" },
    { label: "Help", words: "help" },
  ];
  const text =
    others.length === 0
      ? `The buttons are about ${first.name}.`
      : `There are ${clusters.length} clusters: a button asks which.`;
  return { title: "What do you want to do?", tone: "plain", parts: [{ kind: "text", text }], next, isMenu: true };
}

const emptyReply: Reply = {
  title: "No cluster is in the inventory yet",
  tone: "plain",
  parts: [{ kind: "text", text: "Add a zone, then a cluster in it, then its hosts." }],
  next: ["help zone add", "help cluster add", "help host add", { label: "Help", words: "help" }],
  isMenu: true,
};

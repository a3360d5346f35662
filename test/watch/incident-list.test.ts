import { expect, it } from "vitest";
import type { Facts } from "../../src/core/facts.ts";
import type { Incident } from "../../src/core/incident.ts";
import { emptyInventory, type Inventory } from "../../src/core/inventory.ts";
import { incidentListReply } from "../../src/watch/incident-list.ts";
import { sampleIncident } from "./sample-incident.ts";

const NOW = Date.parse("2026-11-29T16:00:00.000Z");
const at = "2026-11-29T15:00:00.000Z";

async function rowsOf(which: "open" | "all", ...incidents: readonly Incident[]) {
  const watch = { incidents: () => incidents, archived: async function* () {} };
  const inventory: Inventory = emptyInventory;
  const { parts } = await incidentListReply({ which }, { inventory, now: () => NOW, watch } as unknown as Facts);
  return parts.flatMap((part) => (part.kind === "table" ? part.rows : []));
}

it("the list of incidents names the owner by person: the assigned one, then the one who acknowledged", async () => {
  const acknowledged = { by: "U1", at };
  const rows = await rowsOf(
    "open",
    sampleIncident({ at, id: "inc-1" }),
    sampleIncident({ at, id: "inc-2", acknowledged }),
    sampleIncident({ at, id: "inc-3", acknowledged, assigned: "U2" }),
  );
  expect(rows.map((row) => row.at(-1))).toEqual(["none", { person: "U1" }, { person: "U2" }]);
});

it("open incidents are listed worst first, then oldest; with `all` resolved ones follow", async () => {
  const incidents = [
    sampleIncident({ at, id: "inc-1", state: "resolved", resolvedAt: at }),
    sampleIncident({ at, id: "inc-2", severity: "info" }),
    sampleIncident({ at, id: "inc-3" }),
    sampleIncident({ at: "2026-11-29T14:00:00.000Z", id: "inc-4" }),
    sampleIncident({ at, id: "inc-5", severity: "critical" }),
  ];
  const ids = async (which: "open" | "all") => (await rowsOf(which, ...incidents)).map(([id]) => id);
  expect(await ids("open")).toEqual(["inc-5", "inc-4", "inc-3", "inc-2"]);
  expect(await ids("all")).toEqual(["inc-5", "inc-4", "inc-3", "inc-2", "inc-1"]);
});

import { describe, expect, it } from "vitest";
import type { Incident } from "../../src/core/incident.ts";
import { emptyInventory, type Inventory } from "../../src/core/inventory.ts";
import { plainLines } from "../../src/core/reply.ts";
import { incidentReply } from "../../src/watch/incident-reply.ts";
import { uuid } from "../store/samples.ts";
import { sampleIncident } from "./sample-incident.ts";

const at = "2026-11-29T10:00:00.000Z";
const inventory: Inventory = {
  ...emptyInventory,
  primaryStorages: [
    {
      ...{ uuid: uuid(3), name: "ps-1", description: "", state: "Enabled", zoneUuid: uuid(1) },
      ...{ clusterUuids: ["c".repeat(32)], sharedBlocks: [] },
    },
  ],
};
const path = sampleIncident({ at });
const [failed] = path.findings;
if (failed === undefined) throw new Error("no finding");
const found = (kind: Incident["findings"][number]["kind"], text: string, pathsLeft?: number) => ({
  ...failed,
  ...{ key: `${kind} ${text}`, kind, text, storageUuid: uuid(3), ...(pathsLeft !== undefined && { pathsLeft }) },
});
const shown = (incident: Incident) => {
  const { title, parts } = incidentReply(incident, inventory, Date.parse(at));
  return [title, ...plainLines(parts)].join("\n");
};

describe("the message of an incident", () => {
  it("repeats nothing of its title: not its fact, nor the lower levels of a storage", () => {
    const texts = ["ps-1 is 96 % full: 40 GB of 1 TB free", "ps-1 is over 90 %", "ps-1 is over 80 %"];
    const findings = texts.map((text, index) => found(index === 0 ? "storage full" : "storage filling", text));
    const text = shown({ ...path, scope: { kind: "storage", id: `capacity ${uuid(3)}` }, findings });
    expect(text).toMatch(/^inc-1: ps-1 is 96 % full: 40 GB of 1 TB free\n/);
    expect(text).not.toContain("Also found");
    const back = "host1 was silent. It answers again, but not all of it works: host1 can't lock in ps-1";
    const silent = [found("host unreachable", back), found("lockspace stopped", "host1 can't lock in ps-1")];
    expect(shown({ ...path, scope: { kind: "host", id: `reach ${"a".repeat(32)}` }, findings: silent })).not.toContain(
      "Also found",
    );
  });

  it("names what follows from its paths, also if it is one thing", () => {
    const text = shown({ ...path, findings: [failed, found("lease lost", "host1 can't lock in ps-1")] });
    expect(text).toContain("Also found");
    expect(text).toContain("host1 can't lock in ps-1");
  });

  it("says of one LUN how many paths it has, and of the end what was at risk", () => {
    const findings = [{ ...failed, storageUuid: uuid(3) }, found("map degraded", "LUN …bbe00a on host1: 2/3 paths", 2)];
    const open: Incident = { ...path, findings, sharesWith: ["inc-7"] };
    expect(shown(open)).toContain(
      "LUN …bbe00a still has 2 paths. It also lacks paths because of inc-7. At risk: ps-1.",
    );
    const over: Incident = { ...open, state: "resolved", resolvedAt: at, findings: [], shownFindings: findings };
    expect(shown(over)).toContain("LUN …bbe00a still had 2 paths. ps-1 was at risk.");
  });

  it("offers the command that reads the new size of a LUN: of its storage, or of its cluster if it has none", () => {
    const clusters = [{ uuid: "c".repeat(32), name: "cluster-1", zoneUuid: uuid(1) }];
    const grown = {
      ...found("size changed", "LUN …bbe00a on host1: 1.00 TB before, 2.00 TB now"),
      severity: "info" as const,
    };
    const offered = (finding: Incident["findings"][number]) => {
      const incident: Incident = { ...path, severity: "info", findings: [finding] };
      return incidentReply(incident, { ...inventory, clusters }, Date.parse(at)).next;
    };
    expect(offered(grown)).toContain(`sharedblock resize ps-1 ${grown.wwid}`);
    expect(offered({ ...grown, storageUuid: null })).toContain("host rescan cluster-1");
    const differs = { ...grown, kind: "size differs between paths", severity: "warning" } as const;
    expect(offered(differs)).toContain(`sharedblock resize ps-1 ${grown.wwid}`);
    expect(offered({ ...differs, storageUuid: null })).toContain("host rescan cluster-1");
    expect(offered({ ...grown, severity: "critical" })).not.toContain(`sharedblock resize ps-1 ${grown.wwid}`);
    expect(offered({ ...grown, storageUuid: uuid(9) })).not.toContain("host rescan cluster-1");
  });
});

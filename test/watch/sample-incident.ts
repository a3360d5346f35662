import type { Incident } from "../../src/core/incident.ts";

/** An open warning about one path. */
export function sampleIncident({ at, ...patch }: { readonly at: string } & Partial<Incident>): Incident {
  return {
    ...{ id: "inc-1", scope: { kind: "path", id: "host path" }, clusterUuid: "c".repeat(32) },
    ...{ severity: "warning", worstSeverity: "warning", state: "open" },
    findings: [
      {
        ...{ key: "path failed host path", kind: "path failed", severity: "warning", clusterUuid: "c".repeat(32) },
        ...{ hostUuid: "a".repeat(32), wwid: "36b083fe000daf018000015505abbe00a", storageUuid: null, since: at },
        text: "Path sdc of LUN …bbe00a on host1 through 10.0.0.2:3260: failed faulty",
      },
    ],
    ...{ everFound: ["path failed host path"], beganAt: at, openedAt: at, quietAt: null, resolvedAt: null, backAt: [] },
    ...{ acknowledged: null, assigned: null, silenced: null },
    events: [{ at, kind: "opened", by: null, text: "Path sdc of LUN …bbe00a on host1" }],
    ...patch,
  };
}

import { describe, expect, it } from "vitest";
import { type Desk, deskSchema, deskWith, emptyDesk, type IncidentPost } from "../../src/watch/desk-file.ts";
import { sampleIncident } from "./sample-incident.ts";

const at = "2026-11-29T12:00:00.000Z";
const open = sampleIncident({ at, id: "inc-2" });
const over = sampleIncident({ at, state: "resolved", resolvedAt: at, findings: [] });
const post = (patch: Partial<IncidentPost> = {}): IncidentPost => ({
  ...{ incidentId: "inc-1", place: "C1", messageId: "100.1", since: at, mayBeThere: false },
  ...{ toldEvents: 1, lastPostAt: at, isCurrent: true },
  ...patch,
});
const desk = (given: IncidentPost | null): Desk => ({
  ...emptyDesk,
  ...{ incidents: [over, open], posts: given === null ? [] : [given] },
});
const idsOf = ({ incidents, posts }: Desk) => [incidents.map(({ id }) => id), posts.map((each) => each.incidentId)];

describe("an incident that is long over", () => {
  it.each([
    ["leaves if all of it is posted", post(), ["inc-2"]],
    ["leaves if it was never posted", null, ["inc-2"]],
    ["stays while its end is not in its thread", post({ toldEvents: 0 }), ["inc-2", "inc-1"]],
    ["stays while Slack has not taken its message", post({ messageId: null }), ["inc-2", "inc-1"]],
  ])("%s", (_, given, incidents) => {
    const next = deskWith(desk(given), [open]);
    expect(idsOf(next)).toEqual([incidents, incidents.filter((id) => id === "inc-1")]);
    expect(deskSchema.parse(next)).toEqual(next);
    // Once it is posted it leaves.
    expect(idsOf(deskWith({ ...next, posts: [post()] }, [open]))).toEqual([["inc-2"], []]);
  });

  it("is not kept twice if it comes back", () => {
    expect(idsOf(deskWith(desk(post({ toldEvents: 0 })), [over, open]))).toEqual([["inc-1", "inc-2"], ["inc-1"]]);
  });

  it("does not keep one that nobody was to read of", () => {
    const pending = sampleIncident({ at, state: "pending", openedAt: null });
    expect(idsOf(deskWith({ ...emptyDesk, incidents: [pending] }, []))).toEqual([[], []]);
  });
});

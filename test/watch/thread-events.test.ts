import { expect, it } from "vitest";
import type { IncidentEvent } from "../../src/core/incident.ts";
import { eventsToPost } from "../../src/watch/thread-events.ts";
import { sampleIncident } from "./sample-incident.ts";

const at = (second: number) => new Date(Date.parse("2026-11-29T10:00:00.000Z") + second * 1_000).toISOString();
const event = (second: number, kind: IncidentEvent["kind"], text = ""): IncidentEvent => ({
  at: at(second),
  kind,
  by: null,
  text,
});
const posted = (...events: IncidentEvent[]) =>
  eventsToPost(sampleIncident({ at: at(0), events }), 0).map(({ kind, text }) => `${kind}: ${text}`);

it("a return says how far it had come when it is posted, not how it began", () => {
  const back = [event(0, "back", "7 paths on 1 host"), event(1, "grew", "14 paths"), event(2, "grew", "20 paths")];
  expect(posted(...back)).toEqual(["back: 20 paths"]);
  expect(posted(...back, event(60, "grew", "40 paths"))).toEqual(["back: 20 paths", "grew: 40 paths"]);
});

it("growth just after its begin is in the message only", () => {
  expect(posted(event(0, "opened", "7 paths"), event(1, "grew", "14 paths"))).toEqual([]);
});

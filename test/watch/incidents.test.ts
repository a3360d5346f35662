import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Incident, incidentSchema } from "../../src/core/incident.ts";
import { causesOf } from "../../src/watch/cause.ts";
import { ElementIndex } from "../../src/watch/element-index.ts";
import { type Damping, nextRound, type Report, unknownSince, usualDamping } from "../../src/watch/incidents.ts";
import { eventCount } from "../../src/watch/thread-events.ts";
import { pathElement, pathKey, type SamplePath, samplePaths } from "./sample-findings.ts";
import { sampleIncident } from "./sample-incident.ts";

const paths = samplePaths(2, 2, 2);
type Fails = (path: SamplePath) => boolean;
const portFails: Fails = ({ port }) => port === 0;
const onePathFails: Fails = ({ host, lun, port }) => host === 0 && lun === 0 && port === 0;
const nothingFails: Fails = () => false;

/** Rounds of observations, with a clock that moves only here. */
class Rounds {
  incidents: readonly Incident[] = [];
  readonly forgotten: string[] = [];
  readonly reports: { readonly atS: number; readonly kind: Report["kind"]; readonly id: string }[] = [];
  readonly #index = new ElementIndex();
  #atS = 0;
  #ids = 0;
  readonly #damping: Damping;
  constructor(damping = usualDamping) {
    this.#damping = damping;
  }

  /** `isUnknown`: after a start, nobody has observed the hosts yet. */
  at(seconds: number, fails: Fails, isUnknown = false): this {
    this.#atS = seconds;
    this.#index.set(
      "all",
      new Map(paths.map((path) => [pathKey(path), pathElement(path, fails(path))])),
      seconds * 1000,
    );
    const causes = causesOf(this.#index.failing(), this.#index);
    const newId = () => `inc-${++this.#ids}`;
    const round = nextRound(this.incidents, causes, seconds * 1000, {
      damping: this.#damping,
      newId,
      isUnknown: () => isUnknown,
    });
    this.incidents = round.incidents;
    this.forgotten.push(...round.forgotten.map(({ id }) => id));
    for (const { kind, incidentId } of round.reports) this.reports.push({ atS: this.#atS, kind, id: incidentId });
    return this;
  }
  get said(): string[] {
    return this.reports.map(({ atS, kind, id }) => `${atS} ${kind} ${id}`);
  }
}

describe("an incident", () => {
  it("is reported after its finding has lasted 5 s", () => {
    expect(new Rounds().at(0, onePathFails).at(4, onePathFails).said).toEqual([]);
    expect(new Rounds().at(0, onePathFails).at(5, onePathFails).said).toEqual(["5 opened inc-1"]);
  });
  it("is never reported if it passes within 5 s", () => {
    expect(new Rounds().at(0, onePathFails).at(4, nothingFails).at(900, nothingFails).said).toEqual([]);
  });
  it("is resolved after 60 s of quiet, and ended when the quiet began", () => {
    const rounds = new Rounds().at(0, onePathFails).at(5, onePathFails).at(20, nothingFails).at(79, nothingFails);
    expect(rounds.said).toEqual(["5 opened inc-1"]);
    rounds.at(80, nothingFails);
    expect(rounds.said).toEqual(["5 opened inc-1", "80 resolved inc-1"]);
    expect(rounds.incidents[0]?.resolvedAt).toBe("1970-01-01T00:00:20.000Z");
  });
  it("keeps its id while its cause grows to a port, and shows less only if that lasts 60 s", () => {
    const rounds = new Rounds().at(0, onePathFails).at(5, onePathFails).at(6, portFails).at(7, onePathFails);
    expect(rounds.said).toEqual(["5 opened inc-1", "6 changed inc-1"]);
    expect(rounds.incidents.map(({ scope }) => scope.kind)).toEqual(["port"]);
    rounds.at(66, onePathFails).at(67, onePathFails);
    expect(rounds.said).toEqual(["5 opened inc-1", "6 changed inc-1", "67 changed inc-1"]);
    expect(rounds.incidents.map(({ scope }) => scope.kind)).toEqual(["path"]);
  });
  it("leaves for the archive once, when it can't come back any more", () => {
    const rounds = new Rounds().at(0, onePathFails).at(5, onePathFails).at(20, nothingFails).at(80, nothingFails);
    rounds.at(620, nothingFails);
    expect([rounds.forgotten, rounds.incidents.length]).toEqual([[], 1]);
    rounds.at(621, nothingFails).at(700, nothingFails);
    expect([rounds.forgotten, rounds.incidents.length]).toEqual([["inc-1"], 0]);
  });
  it("stays after a start until its hosts are observed, and then ended in the time without the bot", () => {
    const rounds = new Rounds().at(0, onePathFails).at(5, onePathFails);
    rounds.at(3_600, nothingFails, true).at(3_700, nothingFails, true);
    expect(rounds.incidents[0]?.state).toBe("open");
    rounds.at(3_701, nothingFails).at(3_761, nothingFails);
    expect(rounds.said).toEqual(["5 opened inc-1", "3761 resolved inc-1"]);
    const [incident] = rounds.incidents;
    expect(incident && unknownSince(incident)).toBe("1970-01-01T00:00:05.000Z");
  });
  it("that a person resolved holds while its findings stay, and is the same again if one returns", () => {
    const rounds = new Rounds().at(0, portFails).at(5, portFails);
    const at = "1970-01-01T00:00:06.000Z";
    rounds.incidents = rounds.incidents.map((incident) => ({
      ...incident,
      ...{ state: "resolved" as const, resolvedAt: at, quietAt: at, findings: [] },
      held: incident.findings,
    }));
    rounds.at(7, portFails).at(500, portFails).at(3_600, portFails).at(3_601, onePathFails).at(3_602, onePathFails);
    expect(rounds.said).toEqual(["5 opened inc-1"]);
    rounds.at(3_603, portFails);
    expect(rounds.said).toEqual(["5 opened inc-1", "3603 back inc-1"]);
  });
  it("that a person resolved is news again if what is still found gets worse", () => {
    const rounds = new Rounds().at(0, onePathFails).at(5, onePathFails);
    const at = "1970-01-01T00:00:06.000Z";
    rounds.incidents = rounds.incidents.map((incident) => ({
      ...incident,
      ...{ state: "resolved" as const, resolvedAt: at, quietAt: at, findings: [] },
      held: incident.findings,
    }));
    rounds.at(7, onePathFails).at(3_600, onePathFails);
    const [held] = rounds.incidents;
    rounds.incidents = rounds.incidents.map((incident) => ({
      ...incident,
      held: (incident.held ?? []).map((each) => ({ ...each, severity: "info" as const })),
    }));
    expect([held?.held?.length, rounds.said]).toEqual([1, ["5 opened inc-1"]]);
    rounds.at(3_601, onePathFails);
    expect(rounds.said).toEqual(["5 opened inc-1", "3601 opened inc-2"]);
  });
  it("keeps counting its events if too many of them are dropped", () => {
    const rounds = new Rounds().at(0, portFails).at(5, portFails);
    for (let second = 6; second < 700; second++) rounds.at(second, second % 2 === 0 ? nothingFails : portFails);
    const [incident] = rounds.incidents;
    expect(incident?.events.length).toBe(500);
    expect(incident && eventCount(incident)).toBe(696);
  });
  it("waits up to 20 s if it may have the cause of an earlier one", () => {
    const two: Fails = ({ host, lun, port }) => port === 0 && host === lun;
    const early = new Rounds().at(0, two).at(5, two).at(19, two).at(20, portFails);
    expect(early.said).toEqual(["5 opened inc-1", "20 changed inc-1"]);
    const rounds = new Rounds().at(0, two).at(5, two).at(20, two).at(21, portFails);
    expect(rounds.said).toEqual(["5 opened inc-1", "20 opened inc-2", "21 changed inc-1", "21 resolved inc-2"]);
    expect(rounds.incidents[1]?.events.at(-1)).toMatchObject({ kind: "joined", text: "part of inc-1" });
  });
  it("has all parts of its cause while it ends", () => {
    const two: Fails = ({ host, lun, port }) => port === 0 && host === lun;
    const rounds = new Rounds().at(0, portFails).at(5, portFails).at(10, two).at(80, two);
    expect(rounds.said).toEqual(["5 opened inc-1", "80 changed inc-1"]);
    expect(rounds.incidents.map(({ id, moreCauses }) => [id, moreCauses])).toEqual([["inc-1", 1]]);
  });
  it("is the same if it comes back within 10 minutes", () => {
    const rounds = new Rounds()
      .at(0, portFails)
      .at(5, portFails)
      .at(10, nothingFails)
      .at(70, nothingFails)
      .at(300, portFails);
    expect(rounds.said).toEqual(["5 opened inc-1", "70 resolved inc-1", "300 back inc-1"]);
  });
  it("is another if its cause is another one, also if both have a path", () => {
    const unmapped: Fails = ({ host, lun }) => host === 0 && lun === 0;
    const rounds = new Rounds().at(0, portFails).at(5, portFails).at(10, nothingFails).at(70, nothingFails);
    rounds.at(310, unmapped).at(330, unmapped);
    expect(rounds.said).toEqual(["5 opened inc-1", "70 resolved inc-1", "330 opened inc-2"]);
    expect(rounds.incidents.map(({ id, scope, beganAt }) => [id, scope.kind, beganAt])).toEqual([
      ["inc-1", "port", "1970-01-01T00:00:00.000Z"],
      ["inc-2", "LUN on a host", "1970-01-01T00:05:10.000Z"],
    ]);
  });
  it("is another if a LUN is unmapped after all paths of the array failed", () => {
    const unmapped: Fails = ({ host, lun }) => host === 0 && lun === 0;
    const all: Fails = () => true;
    const rounds = new Rounds().at(0, all).at(5, all).at(10, nothingFails).at(70, nothingFails);
    rounds.at(310, unmapped).at(330, unmapped);
    expect(rounds.said).toEqual(["5 opened inc-1", "70 resolved inc-1", "330 opened inc-2"]);
  });
  it("is the same if a part of it comes back, and then all of it", () => {
    const rounds = new Rounds().at(0, portFails).at(5, portFails).at(10, nothingFails).at(70, nothingFails);
    rounds.at(300, onePathFails).at(301, portFails);
    expect(rounds.said).toEqual(["5 opened inc-1", "70 resolved inc-1", "300 back inc-1", "301 changed inc-1"]);
  });
  it("is the same if it shrank before it ended, and all of it comes back", () => {
    const two: Fails = ({ host, port }) => host === 0 && port === 0;
    const rounds = new Rounds().at(0, portFails).at(5, portFails).at(10, two).at(80, two);
    rounds.at(90, nothingFails).at(150, nothingFails).at(300, portFails);
    expect(rounds.said.at(-1)).toBe("300 back inc-1");
  });
  it("is the same if it begins as another one that nobody has read of", () => {
    const others: Fails = ({ host, lun }) => host === 0 && lun === 0;
    const rounds = new Rounds().at(0, portFails).at(5, portFails).at(10, nothingFails).at(70, nothingFails);
    rounds.at(300, others).at(301, portFails).at(400, nothingFails).at(460, nothingFails);
    expect(rounds.said.slice(2)).toEqual(["301 back inc-1", "460 resolved inc-1"]);
    expect(rounds.incidents.map(({ id }) => id)).toEqual(["inc-1"]);
  });
  it("is another if it comes back later", () => {
    const rounds = new Rounds().at(0, portFails).at(5, portFails).at(10, nothingFails).at(70, nothingFails);
    rounds.at(900, portFails).at(905, portFails);
    expect(rounds.said).toEqual(["5 opened inc-1", "70 resolved inc-1", "905 opened inc-2"]);
  });
  it("is reported as flapping from the third return, and then no more", () => {
    const rounds = new Rounds().at(0, portFails).at(5, portFails);
    for (let at = 10; at < 100; at += 10) rounds.at(at, nothingFails).at(at + 5, portFails);
    expect(rounds.said).toEqual(["5 opened inc-1", "15 back inc-1", "25 back inc-1", "35 flapping inc-1"]);
    expect(rounds.incidents[0]?.backAt).toHaveLength(9);
  });
  it("is reported if it passes within 5 s again and again", () => {
    const rounds = new Rounds();
    for (let at = 0; at < 100; at += 20) rounds.at(at, onePathFails).at(at + 2, nothingFails);
    expect(rounds.said).toEqual(["60 opened inc-1"]);
  });
  it("is kept in its file as it is", () => {
    const rounds = new Rounds().at(0, portFails).at(5, portFails).at(10, nothingFails);
    for (const incident of rounds.incidents)
      expect(incidentSchema.parse(JSON.parse(JSON.stringify(incident)))).toEqual(incident);
  });
});

describe("any sequence of observations", () => {
  const anyRounds = fc.array(fc.record({ afterS: fc.integer({ min: 1, max: 200 }), failed: fc.subarray(paths) }), {
    maxLength: 30,
  });
  const played = (rounds: readonly { readonly afterS: number; readonly failed: readonly SamplePath[] }[]): Rounds => {
    const all = new Rounds();
    let atS = 0;
    for (const { afterS, failed } of rounds) {
      atS += afterS;
      all.at(atS, (path) => failed.includes(path));
      const scopes = all.incidents
        .filter(({ state }) => state === "open")
        .map(({ scope }) => `${scope.kind} ${scope.id}`);
      expect(new Set(scopes).size).toBe(scopes.length);
    }
    return all.at(atS + 300, nothingFails).at(atS + 400, nothingFails);
  };

  it("gives one open incident for each cause, and each that opened is resolved", () => {
    fc.assert(
      fc.property(anyRounds, (rounds) => {
        const { incidents, said, reports } = played(rounds);
        expect(incidents.filter(({ state }) => state !== "resolved" && state !== "pending")).toEqual([]);
        const opened = new Set(reports.filter(({ kind }) => kind === "opened").map(({ id }) => id));
        for (const id of opened) expect(said.findLast((line) => line.endsWith(` ${id}`))).toContain(" resolved ");
      }),
    );
  });
  it("reports nothing of an incident between its end and its return", () => {
    fc.assert(
      fc.property(anyRounds, (rounds) => {
        const over = new Set<string>();
        for (const { kind, id } of played(rounds).reports) {
          if (kind === "resolved") over.add(id);
          else if (kind === "back" || kind === "flapping") over.delete(id);
          else expect(over.has(id)).toBe(false);
        }
      }),
    );
  });
  it("gives the same incidents if the rounds are continued from the file", () => {
    fc.assert(
      fc.property(anyRounds, fc.nat({ max: 29 }), (rounds, cut) => {
        const whole = played(rounds);
        const first = new Rounds();
        let atS = 0;
        const end = [
          ...rounds.map(({ afterS, failed }) => ({ afterS, failed })),
          { afterS: 300, failed: [] },
          { afterS: 100, failed: [] },
        ];
        for (const [index, { afterS, failed }] of end.entries()) {
          atS += afterS;
          first.at(atS, (path) => failed.includes(path));
          if (index === cut) first.incidents = JSON.parse(JSON.stringify(first.incidents));
        }
        expect(first.incidents).toEqual(whole.incidents);
      }),
    );
  });
});

it("what a person resolved in a file of an earlier version holds as if it could not be worse", () => {
  const { held } = incidentSchema.parse({
    ...sampleIncident({ at: "2026-11-29T10:00:00.000Z" }),
    held: ["path failed x"],
  });
  expect(held).toEqual([{ key: "path failed x", severity: "critical" }]);
});

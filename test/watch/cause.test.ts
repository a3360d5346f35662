import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { causesOf, type Element } from "../../src/watch/cause.ts";
import { ElementIndex } from "../../src/watch/element-index.ts";
import { causesIn, finding, pathElement, type SamplePath, samplePaths } from "./sample-findings.ts";

const causesIf = (fails: (path: SamplePath) => boolean, hosts = 3, luns = 4, ports = 2) =>
  causesIn(samplePaths(hosts, luns, ports).map((path) => pathElement(path, fails(path)))).map(
    ({ scope, elements }) => `${scope.kind} ${scope.id}: ${elements.length}`,
  );

describe("the cause of failed paths", () => {
  it("is a path if only that path fails", () => {
    expect(causesIf(({ host, lun, port }) => host === 0 && lun === 1 && port === 0)).toEqual(["path path h0 l1 p0: 1"]);
  });
  it("is a port if all of its paths fail on all hosts", () => {
    expect(causesIf(({ port }) => port === 1)).toEqual(["port p1: 12"]);
  });
  it("is an adapter if all of its paths fail on one host", () => {
    expect(causesIf(({ host, port }) => host === 2 && port === 1)).toEqual(["adapter h2 a1: 4"]);
  });
  it("is a LUN if all of its paths fail on all hosts", () => {
    expect(causesIf(({ lun }) => lun === 3)).toEqual(["LUN l3: 6"]);
  });
  it("is a LUN on a host if the other hosts reach the LUN", () => {
    expect(causesIf(({ host, lun }) => host === 1 && lun === 3)).toEqual(["LUN on a host l3 h1: 2"]);
  });
  it("is a host if all of its paths fail", () => {
    expect(causesIf(({ host }) => host === 1)).toEqual(["host h1: 8"]);
  });
  it("is the array if no path works", () => {
    expect(causesIf(() => true)).toEqual(["array array: 24"]);
  });
  it("is two things if two things fail", () => {
    expect(causesIf(({ host, lun, port }) => port === 1 || (host === 0 && lun === 0))).toEqual([
      "port p1: 12",
      "path path h0 l0 p0: 1",
    ]);
  });
  it("is the smaller of two things that explain the same", () => {
    expect(causesIf(({ lun }) => lun === 0, 1, 1, 2)).toEqual(["LUN on a host l0 h0: 2"]);
  });
  it("is one for 10,000 findings of one array", () => {
    expect(causesIf(() => true, 50, 50, 4)).toEqual(["array array: 10000"]);
  });
});

describe("a cause that grew from several", () => {
  it("is one LUN on the hosts that lost it, though another one reaches it", () => {
    expect(causesIf(({ host, lun }) => host < 2 && lun === 3)).toEqual(["several LUN on a host/LUN/l3: 4"]);
  });
  it("is none of things that fail apart: hosts, arrays, the network, unless many fail at one time", () => {
    const index = new ElementIndex();
    const reach = (host: string, fails: boolean): Element => ({
      findings: fails ? [finding(host, "host unreachable")] : [],
      scopes: [
        { kind: "host", id: `reach ${host}` },
        { kind: "bot", id: "network" },
        { kind: "cluster", id: "reach c" },
      ],
    });
    const causes = () => causesOf(index.failing(), index).map(({ scope }) => `${scope.kind} ${scope.id}`);
    for (const host of ["a", "b", "c", "d", "e", "f"]) index.set(host, new Map([["reach", reach(host, false)]]), 0);
    index.set("a", new Map([["reach", reach("a", true)]]), 1_000);
    index.set("e", new Map([["reach", reach("e", false)]]), 4_000_000);
    index.set("b", new Map([["reach", reach("b", true)]]), 3_600_000);
    expect(causes()).toEqual(["host reach a", "host reach b"]);
    index.set("c", new Map([["reach", reach("c", true)]]), 3_640_000);
    expect(causes()).toEqual(["host reach a", "host reach b", "host reach c"]);
    index.set("d", new Map([["reach", reach("d", true)]]), 3_650_000);
    expect(causes()).toEqual(["several host/bot/network since 3600000", "host reach a"]);
  });
});

describe("causes of any failed paths", () => {
  const paths = samplePaths(3, 3, 3);
  const anyFailed = fc.subarray(paths);

  it("explain each finding once, and nothing that works", () => {
    fc.assert(
      fc.property(anyFailed, (failed) => {
        const elements = paths.map((path) => pathElement(path, failed.includes(path)));
        const causes = causesIn(elements);
        const explained = causes.flatMap(({ findings }) => findings.map(({ key }) => key));
        expect(explained.length).toBe(failed.length);
        expect(new Set(explained).size).toBe(failed.length);
        for (const { scope } of causes) expect(worksIn(elements, scope)).toEqual([]);
      }),
    );
  });
  it("do not depend on the order of observations", () => {
    fc.assert(
      fc.property(anyFailed, fc.array(fc.nat(), { minLength: 27, maxLength: 27 }), (failed, order) => {
        const elements = paths.map((path) => pathElement(path, failed.includes(path)));
        const shuffled = elements
          .map((element, index) => ({ element, at: order[index] ?? 0 }))
          .sort((a, b) => a.at - b.at);
        const names = (causes: ReturnType<typeof causesIn>) => causes.map(({ scope }) => `${scope.kind} ${scope.id}`);
        expect(names(causesIn(shuffled.map(({ element }) => element)))).toEqual(names(causesIn(elements)));
      }),
    );
  });
});

const worksIn = (elements: readonly Element[], { kind, id }: { kind: string; id: string }): Element[] =>
  elements.filter(
    ({ scopes, findings }) => findings.length === 0 && scopes.some((scope) => scope.kind === kind && scope.id === id),
  );

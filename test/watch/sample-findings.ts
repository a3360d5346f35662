import type { Scope } from "../../src/core/cause-scope.ts";
import { type Finding, type FindingKind, findingKinds } from "../../src/core/finding.ts";
import { type Cause, causesOf, type Element } from "../../src/watch/cause.ts";
import { ElementIndex } from "../../src/watch/element-index.ts";

export function finding(key: string, kind: FindingKind = "path failed"): Finding {
  const { severity } = findingKinds[kind];
  return {
    key: `${kind} ${key}`,
    kind,
    severity,
    clusterUuid: "c",
    hostUuid: null,
    wwid: null,
    storageUuid: null,
    text: `${key}: ${kind}`,
  };
}

/** One path of a small array: each host reaches each LUN through each port, over one adapter for each port. */
export interface SamplePath {
  readonly host: number;
  readonly lun: number;
  readonly port: number;
}

export const samplePaths = (hosts: number, luns: number, ports: number): SamplePath[] =>
  range(hosts).flatMap((host) => range(luns).flatMap((lun) => range(ports).map((port) => ({ host, lun, port }))));

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

export const pathKey = ({ host, lun, port }: SamplePath): string => `path h${host} l${lun} p${port}`;

export function pathElement(path: SamplePath, fails: boolean): Element {
  const { host, lun, port } = path;
  const scopes: readonly [Scope, ...Scope[]] = [
    { kind: "path", id: pathKey(path) },
    { kind: "LUN on a host", id: `l${lun} h${host}` },
    { kind: "adapter", id: `h${host} a${port}` },
    { kind: "LUN", id: `l${lun}` },
    { kind: "port", id: `p${port}` },
    { kind: "host", id: `h${host}` },
    { kind: "array", id: "array" },
    { kind: "cluster", id: "c" },
  ];
  return { findings: fails ? [finding(pathKey(path))] : [], scopes };
}

/** Causes as the watch finds them: over the index, of what fails. */
export function causesIn(elements: readonly Element[], atMs = 0): Cause[] {
  const index = new ElementIndex();
  index.set("all", new Map(elements.map((element, at) => [String(at), element])), atMs);
  return causesOf(index.failing(), index);
}

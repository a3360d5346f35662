import { describe, expect, it } from "vitest";
import { commands } from "../../src/all-commands.ts";
import { canAccept } from "../../src/watch/accepted.ts";
import { canCause, canCauseAnywhere, operationEffects } from "../../src/watch/operation-effects.ts";
import { finding } from "./sample-findings.ts";

describe("what an operation can cause", () => {
  it("is known of each change that can be typed", () => {
    const changes = commands.flatMap(({ kind, name }) => (kind === "change" ? [name] : []));
    expect(Object.keys(operationEffects).sort()).toEqual(changes.sort());
  });
  it("stays only if the host can have it like this from then on", () => {
    for (const [name, { own = [], hosts = [], stays = [] }] of Object.entries(operationEffects))
      for (const kind of stays) {
        expect([...own, ...hosts], name).toContain(kind);
        if (kind !== "path outside its map")
          expect(canAccept({ ...finding("x", kind), storageUuid: null }), `${name}: ${kind}`).toBe(true);
      }
  });
  it("is nothing if its command is not known", () => {
    expect(canCause({ words: "sharedblock frobnicate ps-1" }, { kind: "lease lost" })).toBe(false);
    expect(canCause({ words: "toString" }, { kind: "lease lost" })).toBe(false);
  });
  it("is of other storages too only if it restarts what all need", () => {
    expect(canCauseAnywhere({ words: "host prepare cluster-1" }, { kind: "lease lost" })).toBe(true);
    expect(canCauseAnywhere({ words: "sharedblock extend ps-1 wwid=1" }, { kind: "lease lost" })).toBe(false);
    expect(canCauseAnywhere({ words: "sharedblock extend ps-1 wwid=1" }, { kind: "LUN new" })).toBe(true);
  });
  it("is its own: a rescan loses no path, a logout does", () => {
    expect(canCause({ words: "host rescan host1" }, { kind: "path failed" })).toBe(false);
    expect(canCause({ words: "/zstack iscsi logout host1 10.0.0.1" }, { kind: "path failed" })).toBe(true);
    expect(canCause({ words: "iscsi logout host1 10.0.0.1" }, { kind: "lease lost" })).toBe(false);
  });
});

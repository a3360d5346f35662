import { describe, expect, it } from "vitest";
import { commands } from "../../src/all-commands.ts";
import { canCause, operationEffects } from "../../src/watch/operation-effects.ts";

describe("what an operation can cause", () => {
  it("is known of each change that can be typed", () => {
    const changes = commands.flatMap(({ kind, name }) => (kind === "change" ? [name] : []));
    expect(Object.keys(operationEffects).sort()).toEqual(changes.sort());
  });
  it("is its own: a rescan loses no path, a logout does", () => {
    expect(canCause({ words: "host rescan host1" }, { kind: "path failed" })).toBe(false);
    expect(canCause({ words: "/zstack iscsi logout host1 10.0.0.1" }, { kind: "path failed" })).toBe(true);
    expect(canCause({ words: "iscsi logout host1 10.0.0.1" }, { kind: "lease lost" })).toBe(false);
  });
});

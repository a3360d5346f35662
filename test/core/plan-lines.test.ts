import { expect, it } from "vitest";
import type { Host } from "../../src/core/inventory.ts";
import { digestOf, type Plan, plan, planLines } from "../../src/core/plan.ts";
import { guardRead } from "../../src/core/step.ts";
import { readSamples } from "../../src/host/cmp.ts";
import { readHostname } from "../../src/host/hostname.ts";
import { wipeSignatures } from "../../src/host/wipefs.ts";
import { markedGuard } from "./marked-guard.ts";

const host: Host = {
  ...{ uuid: "1".repeat(32), name: "host1", clusterUuid: "2".repeat(32), address: "127.0.0.1", port: 22, user: "root" },
  ...{ hostKeySha256: "SHA256:x", sanlockHostId: null },
};
const named = { title: "Wipe", verb: "Run It", undo: { none: "It is a test." }, locks: [] } as const;
const planWith = (sizeBytes: number): Plan =>
  plan({
    ...named,
    stages: [
      {
        kind: "hosts",
        title: "Wipe",
        steps: [
          {
            host,
            command: wipeSignatures("/dev/sdb"),
            guard: markedGuard(guardRead(host, { samples: readSamples("/dev/sdb", sizeBytes) }, () => null)),
            why: "tries it",
          },
        ],
      },
    ],
  });

it("a guard that reads many places shows its beginning, and the digest covers all of them", () => {
  const [one, other] = [planWith(2 ** 40), planWith(2 ** 40 + 4096)];
  expect(Math.max(...planLines(one).map(({ length }) => length))).toBeLessThan(600);
  expect(digestOf(one)).toBe(digestOf(planWith(2 ** 40)));
  expect(digestOf(one)).not.toBe(digestOf(other));
});

it("a plan has empty defaults, and no stage without steps", () => {
  const step = { host, command: readHostname, why: "proves that the login works" };
  const made = plan({
    ...named,
    facts: [{ kind: "text", text: "seen" }],
    stages: [
      { kind: "hosts", title: "Prepare", steps: [] },
      { kind: "hosts", title: "Log in", steps: [step] },
      { kind: "record", title: "Write", changes: [] },
    ],
  });
  expect(made).toEqual({
    ...named,
    ...{
      facts: [{ kind: "text", text: "seen" }],
      irreversible: [],
      typedConfirmation: null,
      leftOut: [],
      afterwards: [],
      result: null,
    },
    stages: [{ kind: "hosts", title: "Log in", steps: [step] }],
  });
});

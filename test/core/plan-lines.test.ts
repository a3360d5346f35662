import { expect, it } from "vitest";
import type { Host } from "../../src/core/inventory.ts";
import { digestOf, guardRead, type Plan, planLines } from "../../src/core/plan.ts";
import { readSamples } from "../../src/host/cmp.ts";
import { wipeSignatures } from "../../src/host/wipefs.ts";
import { markedGuard } from "./marked-guard.ts";

const host: Host = {
  ...{ uuid: "1".repeat(32), name: "host1", clusterUuid: "2".repeat(32), address: "127.0.0.1", port: 22, user: "root" },
  ...{ hostKeySha256: "SHA256:x", sanlockHostId: null },
};
const planWith = (sizeBytes: number): Plan => ({
  ...{
    title: "Wipe",
    verb: "Run It",
    undo: { none: "It is a test." },
    facts: [],
    irreversible: [],
    typedConfirmation: null,
    locks: [],
    afterwards: [],
    result: null,
  },
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

it("a guard that reads many places is shown by its beginning, and the digest covers all of them", () => {
  const [plan, other] = [planWith(2 ** 40), planWith(2 ** 40 + 4096)];
  expect(Math.max(...planLines(plan).map(({ length }) => length))).toBeLessThan(600);
  expect(digestOf(plan)).toBe(digestOf(planWith(2 ** 40)));
  expect(digestOf(plan)).not.toBe(digestOf(other));
});

import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/longest-first.ts";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [
      "test/lab/**",
      "test/page/**",
      "test/package/**",
      "test/monitoring/debian/**",
      "test/forward/rsyslog/**",
      "node_modules/**",
    ],
    globalSetup: ["test/temporary-files.ts", "test/programs.ts"],
    // Only what failed, and the sum.
    reporters: ["minimal"],
    // A title names its whole case.
    chaiConfig: { truncateThreshold: 10_000 },
    // Only a test that hangs fails: a computer that is ten times as busy must not fail a test.
    testTimeout: 480_000,
    hookTimeout: 480_000,
    // A story waits for longer than it computes: three of them keep a core busy.
    maxWorkers: 3 * availableParallelism(),
    // Each worker loads the sources once for all its files. For a scenario that saves two seconds of a core.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    typecheck: { enabled: false },
  },
});

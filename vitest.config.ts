import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/longest-first.ts";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/lab/**", "test/page/**", "test/package/**", "node_modules/**"],
    globalSetup: ["test/temporary-files.ts", "test/programs.ts"],
    // Only what failed, and the sum.
    reporters: ["minimal"],
    // A title names its whole case.
    chaiConfig: { truncateThreshold: 10_000 },
    // For what hangs only: a machine with ten times as much to do must not fail a test.
    testTimeout: 480_000,
    hookTimeout: 480_000,
    // A story waits for as long as it computes: three of them keep a core busy.
    maxWorkers: 3 * availableParallelism(),
    // Each worker loads the sources once, and not for each file again: two seconds of a core for a scenario.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    typecheck: { enabled: false },
  },
});

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Each scenario says which part of it is for simulated hosts only. That part is skipped by name.
    include: ["test/lab/**/*.test.ts", "test/scenario/*.test.ts"],
    // The target of the scenarios. What it can't do is skipped by name.
    env: { SCENARIO_TARGET: "lab" },
    maxConcurrency: 1,
    globalSetup: ["test/programs.ts", "test/lab/global-setup.ts"],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    teardownTimeout: 60_000,
    // There is one lab: a fault of one file would meet another file.
    fileParallelism: false,
    expect: { poll: { timeout: 120_000, interval: 1_000 } },
  },
});

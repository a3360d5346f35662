import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Of the scenarios each tells which part of it is for simulated hosts only: that is skipped by name.
    include: ["test/lab/**/*.test.ts", "test/scenario/*.test.ts"],
    // The scenarios' own target; what it can't do is skipped by name.
    env: { SCENARIO_TARGET: "lab" },
    maxConcurrency: 1,
    globalSetup: ["test/programs.ts", "test/lab/global-setup.ts"],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    teardownTimeout: 60_000,
    // One lab: what one file breaks another would meet.
    fileParallelism: false,
    expect: { poll: { timeout: 120_000, interval: 1_000 } },
  },
});

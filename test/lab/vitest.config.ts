import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "test/lab/**/*.test.ts",
      // Words, Slack and a killed bot are the same whatever the hosts are: those are skipped by name.
      ...["main-job", "refusals", "faults", "safety", "inventory", "kill", "slack-faults", "bad-input", "life"].map(
        (name) => `test/scenario/${name}.test.ts`,
      ),
    ],
    // The scenarios' own target; what it can't do is skipped by name.
    env: { SCENARIO_TARGET: "lab" },
    maxConcurrency: 1,
    globalSetup: ["test/lab/global-setup.ts"],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    teardownTimeout: 60_000,
    // One lab: what one file breaks another would meet.
    fileParallelism: false,
    expect: { poll: { timeout: 120_000, interval: 1_000 } },
  },
});

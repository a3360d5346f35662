import { defineConfig } from "vitest/config";
import { suite, textOf } from "../files.ts";

/** A short run has only what runs everywhere. To load a file of which all is skipped takes seconds. */
const scenarios =
  process.env.LAB_RUN === "short"
    ? suite().filter((file) => file.startsWith("test/scenario/") && textOf(file).includes("itEverywhere"))
    : ["test/scenario/*.test.ts"];

export default defineConfig({
  test: {
    // Each scenario says which part of it is for simulated hosts only. That part is skipped by name.
    include: ["test/lab/**/*.test.ts", ...scenarios],
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

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/page/**/*.test.ts"],
    reporters: ["minimal"],
    globalSetup: ["test/programs.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    expect: { poll: { timeout: 10_000 } },
  },
});

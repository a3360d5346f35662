import { defineConfig } from "vitest/config";

// biome-ignore lint/style/noDefaultExport: vitest reads it
export default defineConfig({
  test: {
    include: ["test/page/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});

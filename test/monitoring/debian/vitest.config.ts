import { defineConfig } from "vitest/config";

/** Debian's prometheus and prometheus-alertmanager must be installed: `.ci/run` installs them. */
export default defineConfig({
  test: {
    include: ["test/monitoring/debian/**/*.test.ts"],
    reporters: ["minimal"],
    globalSetup: ["test/temporary-files.ts"],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    fileParallelism: false,
  },
});

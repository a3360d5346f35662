import { defineConfig } from "vitest/config";

/** Debian's rsyslog, rsyslog-gnutls and openssl must be installed: `.ci/run` installs them. */
export default defineConfig({
  test: {
    include: ["test/forward/rsyslog/**/*.test.ts"],
    reporters: ["minimal"],
    globalSetup: ["test/temporary-files.ts"],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    fileParallelism: false,
  },
});

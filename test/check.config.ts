import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import suiteConfig from "../vitest.config.ts";
import { isSlow, suite } from "./files.ts";

/** `npm run check`: the tests that take milliseconds. `npm test` also runs scenarios and tests that start programs. */
export default defineConfig({
  test: {
    ...suiteConfig.test,
    // They compute more than they wait, and each worker loads the sources once more.
    maxWorkers: 2 * availableParallelism(),
    include: suite().filter((file) => !isSlow(file)),
  },
});

import { defineConfig } from "vitest/config";
import suiteConfig from "../vitest.config.ts";
import { isSlow, suite } from "./files.ts";

/** `npm run check`: the tests that take milliseconds. `npm test` also runs scenarios and tests that start programs. */
export default defineConfig({
  test: {
    ...suiteConfig.test,
    include: suite().filter((file) => !isSlow(file)),
  },
});

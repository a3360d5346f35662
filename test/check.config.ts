import { defineConfig } from "vitest/config";
import suiteConfig from "../vitest.config.ts";
import { isSlow, suite } from "./files.ts";

/** `npm run check`: what takes milliseconds. Scenarios and started programs are left to `npm test`. */
export default defineConfig({
  test: {
    ...suiteConfig.test,
    include: suite().filter((file) => !isSlow(file)),
  },
});

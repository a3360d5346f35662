import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { bundle } from "../scripts/build.mjs";

const lockFile = readFileSync(join(import.meta.dirname, "../package-lock.json"), "utf8");
const { packages: locked }: { packages: Record<string, { dev?: boolean }> } = JSON.parse(lockFile);

it("npm ci --omit=dev installs all that dist/ is built with", async () => {
  const { packages } = await bundle();
  expect(packages).toEqual(expect.arrayContaining(["node_modules/@slack/bolt", "node_modules/react-dom"]));
  const installed = (name: string) => locked[name] !== undefined && locked[name].dev !== true;
  expect([...packages, "node_modules/esbuild"].filter((name) => !installed(name))).toEqual([]);
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";

const lockSchema = z.object({ packages: z.record(z.string(), z.object({ integrity: z.string().optional() })) });

it("package-lock.json has the SHA-512 of each package, so npm ci takes no other content", () => {
  const path = join(import.meta.dirname, "../../package-lock.json");
  const { packages } = lockSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  const others = Object.entries(packages).filter(([name]) => name !== "");
  expect(others.length).toBeGreaterThan(100);
  const without = others.filter(([, { integrity }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ""));
  expect(without.map(([name]) => name)).toEqual([]);
});

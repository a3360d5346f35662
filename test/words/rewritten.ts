import { readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "./texts.ts";

/** Not rewritten yet. */
const old: readonly string[] = ["longest-slice.ts"];
const ofTests = readdirSync(join(root, "test"))
  .filter((name) => !old.includes(name))
  .map((name) => `test/${name}`);

/** Folders and files in which texts, titles and comments use the glossary's words. */
export const rewritten: readonly string[] = [
  "src",
  "commands",
  ...ofTests,
  "scripts",
  "deploy",
  ".ci",
  "docs",
  "ARCHITECTURE.md",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "README.md",
  "data/README.md",
  "manifest.yaml",
  ".env.example",
  "vitest.config.ts",
];

/** Folders and files in which texts, titles and comments use the glossary's words. */
export const rewritten: readonly string[] = [
  "src",
  "commands",
  "test",
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

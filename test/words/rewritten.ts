/** Folders and files in which texts and comments use the glossary's words. */
const rewritten: readonly string[] = [
  "src",
  "commands",
  "test/ssh",
  "test/store",
  "test/simulator",
  "test/slack",
  "test/flow",
  "test/crash",
  "test/page",
  "test/faults",
  "test/workspace",
  "test/terminal",
  "test/parse",
  "test/text",
  "test/config.test.ts",
  "test/log.test.ts",
  "test/storage",
  "test/scenario",
  "test/core",
  "test/language",
  "test/prepare",
  "test/architecture",
  "test/commands",
  "test/bench",
];

/** Every text there uses them, and so does every document. */
export const textsRewritten: readonly string[] = [
  ...rewritten,
  "ARCHITECTURE.md",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "README.md",
  "docs",
  "manifest.yaml",
  ".env.example",
];

/** The same for comments in the source. */
export const commentsRewritten: readonly string[] = [...rewritten, "test/words", "test/host"];

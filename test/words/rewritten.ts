/** Files and folders in which every text uses the glossary's words. One line a folder; at the end: everything. */
export const textsRewritten: readonly string[] = [
  "ARCHITECTURE.md",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "docs",
  "src/core/guided-form.ts",
  "src/flow/forms.ts",
  "src/slack/guided-form.ts",
  "src/slack/open-form.ts",
  "src/slack/open-view.ts",
  "src/storage/forms",
];

/** The same for comments in the source. */
export const commentsRewritten: readonly string[] = [
  "src/core/guided-form.ts",
  "src/flow/forms.ts",
  "src/slack/guided-form.ts",
  "src/slack/open-form.ts",
  "src/slack/open-view.ts",
  "src/storage/forms",
  "src/workspace/server/input-values.ts",
  "src/workspace/server/menu-rules.ts",
  "src/workspace/server/menu.ts",
  "src/workspace/server/offers.ts",
  "test/words",
];

/** Files and folders in which every text uses the glossary's words. One line a folder; at the end: everything. */
export const textsRewritten: readonly string[] = ["docs/GLOSSARY.md"];

/** The same for comments in the source. */
export const commentsRewritten: readonly string[] = ["test/words"];

/**
 * Slack's limits for one message. One block that is too large rejects the whole message. So a reply that does not fit
 * is shortened, and its whole text goes into a file.
 */
export const limits = {
  headerCharacters: 150,
  sectionCharacters: 3000,
  tableRows: 100,
  /** Rows of a table that its reader can sort, with the head. */
  dataTableRows: 201,
  tableColumns: 20,
  /** Characters in all cells of the one table that a message can have. */
  tableCharacters: 10_000,
  contextElements: 10,
  planTasks: 50,
  containerTitleCharacters: 150,
  buttonCharacters: 75,
  dialogTitleCharacters: 100,
  dialogTextCharacters: 300,
  dialogButtonCharacters: 30,
  modalTitleCharacters: 24,
  modalMetadataCharacters: 3000,
} as const;

/**
 * The characters of a message and of its parts. Slack refuses messages of more than about 13,300 characters as
 * `msg_blocks_too_long`. It counts almost 100 for each block in addition to its text. All parts together stay below
 * 13,000.
 */
export const room = {
  /** `text`: for notifications and screen readers. */
  notification: 1000,
  /** A text without blocks. Slack advises 4,000 characters, and chat.update takes no more bytes. */
  wholeText: 3500,
  caption: 150,
  next: 600,
  foot: 150,
  /** The line with the asker and the command. */
  record: 300,
  /** The command that shows everything. */
  asked: 200,
  /** Everything between the header and "Type next", with 100 for each block. */
  parts: 10_400,
  perBlock: 100,
  /** "…and 12 more rows in the file" */
  note: 50,
  /**
   * The most characters of captions, notes and blocks: after that no further part is begun. The rest is for content.
   * This also keeps a message below Slack's 50 blocks: at most 42 for parts. The others are the header, "Type next",
   * the note on the file, the foot and the buttons.
   */
  overhead: 5000,
} as const;

/** Which kinds of blocks. `all`: also container, data_table and plan, which Slack does not take everywhere. */
export type Kinds = "all" | "basic";

/**
 * What Slack takes in one message. One block too large rejects the whole message, so what does not fit is shortened
 * and goes into a file.
 */
export const limits = {
  headerCharacters: 150,
  sectionCharacters: 3000,
  tableRows: 100,
  /** Of a table that its reader can sort, with its head. */
  dataTableRows: 201,
  tableColumns: 20,
  /** Over the cells of the one table that a message may have. */
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
 * How a message is shared out. Slack refuses messages of more than some 13,300 characters as `msg_blocks_too_long`,
 * and counts something under 100 for each block beside its text; together these stay below 13,000.
 */
export const room = {
  /** `text`: what a notification or a screen reader says. */
  notification: 1000,
  /** A text without blocks: Slack advises 4,000 characters, and chat.update takes no more bytes. */
  wholeText: 3500,
  caption: 150,
  next: 600,
  foot: 150,
  /** Who asked, with the words. */
  record: 300,
  /** The words that show everything. */
  asked: 200,
  /** All that is between the header and "Type next", each block's own 100 included. */
  parts: 10_400,
  perBlock: 100,
  /** "…and 12 more rows in the file" */
  note: 50,
  /**
   * No more parts are begun once this much is taken by captions, notes and blocks: what is left is for content. It
   * also keeps a message below Slack's 50 blocks: at most 42 beside the header, "Type next", the note on the file, the foot, the buttons.
   */
  overhead: 5000,
} as const;

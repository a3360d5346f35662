/**
 * Free text that a host gave, in quotes: a label may be any text, also one that reads like our own words. What would end
 * the quotes or the line, or seems to end them, is escaped. Other invisible characters are escaped when they are shown.
 */
export const quoted = (text: string): string => `"${text.replace(/[\\"]/g, "\\$&").replace(END_LIKE, escaped)}"`;

/** Line ends and other controls, and all signs that are quotes or similar. The plain apostrophe is in many words. */
const END_LIKE = /(?!["'])[\p{Cc}\u2028\u2029\p{Quotation_Mark}\u02ba\u02dd\u05f4\u2033\u2034\u2036\u2037\u2057]/gu;

const escaped = (character: string): string => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;

/** A name or a path that a host gave: as it is if it is one plain word, else in quotes. */
export const named = (text: string): string => (/^[\p{L}\p{M}\p{N}_@%+=:,./[\]-]+$/u.test(text) ? text : quoted(text));

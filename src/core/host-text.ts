/**
 * Quotes free text from a host. A label may contain any text, also text that looks like the bot's own. Characters that
 * end the quotes or the line, or look like it, are escaped. Other invisible characters are escaped when they are shown.
 */
export const quoted = (text: string): string => `"${text.replace(/[\\"]/g, "\\$&").replace(END_LIKE, escaped)}"`;

/**
 * Line ends, other control characters, and all quotation marks. The plain apostrophe is allowed because many words
 * contain it.
 */
const END_LIKE = /(?!["'])[\p{Cc}\u2028\u2029\p{Quotation_Mark}\u02ba\u02dd\u05f4\u2033\u2034\u2036\u2037\u2057]/gu;

const escaped = (character: string): string => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;

/** A name or path from a host: without quotes if it is one plain word, else in quotes. */
export const named = (text: string): string => (/^[\p{L}\p{M}\p{N}_@%+=:,./[\]-]+$/u.test(text) ? text : quoted(text));

/** util-linux prints `\x20` for a byte that its format can't hold; several together may be one character. */
export const withoutHexEscapes = (text: string): string =>
  text.replace(/(?:\\x[0-9a-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll(/\\x/gi, ""), "hex").toString("utf8"));

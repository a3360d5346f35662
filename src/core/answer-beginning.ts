const LONGEST_BYTES = 16 * 1024;

/** The first bytes of an HTTP answer, as text. The other end may answer without an end. */
export async function answerBeginning({ body }: Response): Promise<string> {
  if (body === null) return "";
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > LONGEST_BYTES) break;
  }
  return Buffer.concat(chunks).toString("utf8", 0, LONGEST_BYTES);
}

const blockBytes = 64 * 1024;
/** An entry is never longer. A longer line is not of a log, and is not read into memory. */
export const longestLineBytes = 16 * 1024 * 1024;
const newline = 0x0a;

/** What lines are read from: a file, or the unpacked content of one. */
export interface Readable {
  read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
}

export interface Line {
  readonly text: string;
  /** Where it begins, in bytes. */
  readonly at: number;
  /** Where the next one begins. */
  readonly end: number;
}

/** The complete lines between two positions, in order. Only one block is in memory at a time. */
export async function* linesBetween(file: Readable, from: number, to: number): AsyncGenerator<Line> {
  let pieces: Buffer[] = [];
  let begin = from;
  for (let position = from; position < to; ) {
    const block = await readAt(file, position, Math.min(blockBytes, to - position));
    if (block.length === 0) return;
    let start = 0;
    for (let end = block.indexOf(newline); end !== -1; end = block.indexOf(newline, start)) {
      const line = lineOf([...pieces, block.subarray(start, end)], begin);
      yield line;
      pieces = [];
      start = end + 1;
      begin = line.end;
    }
    pieces.push(block.subarray(start));
    position += block.length;
    refuseLong(position - begin, begin);
  }
}

/** The complete lines before a position, the last first. Reads backwards, and only as far as the caller asks. */
export async function* linesBackwards(file: Readable, before: number): AsyncGenerator<Line> {
  // `pieces` are the bytes already read of the line that contains `position`. Text without a line end is no line.
  let pieces: Buffer[] | null = null;
  for (let position = before; position > 0; ) {
    const size = Math.min(blockBytes, position);
    position -= size;
    const block = await readAt(file, position, size);
    let end = block.length;
    for (let at = block.lastIndexOf(newline); at !== -1; at = at === 0 ? -1 : block.lastIndexOf(newline, at - 1)) {
      if (pieces !== null) yield lineOf([block.subarray(at + 1, end), ...pieces], position + at + 1);
      pieces = [];
      end = at;
    }
    pieces?.unshift(block.subarray(0, end));
    refuseLong(
      (pieces ?? []).reduce((sum, piece) => sum + piece.length, 0),
      position,
    );
    if (position === 0 && pieces !== null) yield lineOf(pieces, 0);
  }
}

function lineOf(pieces: Buffer[], at: number): Line {
  const bytes = Buffer.concat(pieces);
  return { text: bytes.toString("utf8"), at, end: at + bytes.length + 1 };
}

async function readAt(file: Readable, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** The lines in these places, the last first. `spans` are in the order of the file; adjacent lines are read at once. */
export async function* linesAt(file: Readable, spans: readonly Span[]): AsyncGenerator<Line> {
  for (let last = spans.length - 1; last >= 0; ) {
    const end = spans[last]?.end ?? 0;
    let first = last;
    while (spans[first - 1]?.end === spans[first]?.at && end - (spans[first - 1]?.at ?? 0) <= blockBytes) first--;
    const from = spans[first]?.at ?? 0;
    const block = await readAt(file, from, end - from);
    for (; last >= first; last--) {
      const { at, end: after } = spans[last] ?? { at: from, end: from };
      yield { text: block.subarray(at - from, after - from - 1).toString("utf8"), at, end: after };
    }
  }
}

function refuseLong(bytes: number, at: number): void {
  if (bytes <= longestLineBytes) return;
  throw new Error(`the line at byte ${at} is longer than ${longestLineBytes} bytes, so it is no entry`);
}

/** The place of a line in the log, in bytes. */
export type Span = Pick<Line, "at" | "end">;

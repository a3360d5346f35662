import type { Socket } from "node:net";

const NEWLINE = 0x0a;

/** Calls `heard` with each complete line. If a line is longer than the limit, calls `tooLong` once and stops. */
export function eachLine(
  socket: Socket,
  mostBytes: number,
  heard: (line: string) => void,
  tooLong: () => void = () => undefined,
): void {
  let begun: Buffer[] = [];
  let length = 0;
  const take = (chunk: Buffer): void => {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); ; end = chunk.indexOf(NEWLINE, from)) {
      const piece = chunk.subarray(from, end === -1 ? chunk.length : end);
      begun.push(piece);
      length += piece.length;
      if (length > mostBytes) break;
      if (end === -1) return;
      heard(Buffer.concat(begun).toString("utf8"));
      begun = [];
      length = 0;
      from = end + 1;
    }
    begun = [];
    socket.off("data", take);
    // Further data is read and dropped, so that the other end gets its answer and no reset.
    socket.resume();
    tooLong();
  };
  socket.on("data", take);
}

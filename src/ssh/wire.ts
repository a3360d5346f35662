/** Reads the fields of SSH's binary format, RFC 4251. Throws a RangeError if one is longer than the rest. */
export class WireReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The number of bytes that were read. */
  get position(): number {
    return this.#at;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** A `string`, and also an `mpint`: its length, then its bytes. */
  bytes(): Buffer {
    const length = this.#bytes.readUInt32BE(this.#at);
    const end = this.#at + 4 + length;
    if (end > this.#bytes.length) throw new RangeError("a field is longer than the rest");
    const field = this.#bytes.subarray(this.#at + 4, end);
    this.#at = end;
    return field;
  }

  text(): string {
    return this.bytes().toString("utf8");
  }

  uint32(): number {
    const value = this.#bytes.readUInt32BE(this.#at);
    this.#at += 4;
    return value;
  }

  uint64(): bigint {
    const value = this.#bytes.readBigUInt64BE(this.#at);
    this.#at += 8;
    return value;
  }

  /** The texts of a field that contains nothing else. */
  texts(): string[] {
    const list = new WireReader(this.bytes());
    const texts: string[] = [];
    while (!list.isAtEnd) texts.push(list.text());
    return texts;
  }
}

/** Fields as `WireReader.bytes` reads them. */
export const wireOf = (...fields: readonly (string | Buffer)[]): Buffer =>
  Buffer.concat(
    fields.flatMap((field) => {
      const bytes = Buffer.from(field as Buffer);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );

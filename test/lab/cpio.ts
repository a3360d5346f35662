/** A file of a cpio archive. Its directories are made before it, owned by root. */
export interface ArchiveFile {
  /** Without a leading slash. */
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  readonly content: string | Buffer;
  readonly uid?: number;
}

/**
 * An archive in the form that the kernel unpacks as initrd ("newc"). One file may hold several archives: so
 * the files of one guest follow the initrd that all guests share.
 */
export function cpioArchive(files: readonly ArchiveFile[]): Buffer {
  const directories = new Set(files.flatMap(({ path }) => parents(path)));
  let inode = 1;
  return Buffer.concat([
    ...[...directories].map((path) => entry(inode++, path, 0o040755, 0, Buffer.alloc(0))),
    ...files.map((file) => entry(inode++, file.path, 0o100000 | file.mode, file.uid ?? 0, Buffer.from(file.content))),
    entry(0, "TRAILER!!!", 0, 0, Buffer.alloc(0)),
  ]);
}

/** `a/b/c` is in `a` and `a/b`. */
const parents = (path: string): string[] =>
  path
    .split("/")
    .slice(0, -1)
    .map((_, index, names) => names.slice(0, index + 1).join("/"));

/** A header of 8-digit hexadecimal fields, the name and the content, each filled up to four bytes. */
function entry(inode: number, path: string, mode: number, uid: number, content: Buffer): Buffer {
  const name = Buffer.from(`${path}\0`);
  const links = 1;
  const [modified, deviceMajor, deviceMinor, specialMajor, specialMinor, checksum] = [0, 0, 0, 0, 0, 0];
  const fields = [
    ...[inode, mode, uid, uid, links, modified, content.length],
    ...[deviceMajor, deviceMinor, specialMajor, specialMinor, name.length, checksum],
  ];
  const header = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`);
  return Buffer.concat([filled(Buffer.concat([header, name])), filled(content)]);
}

const filled = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);

/** One row under the headings of a table; it has no empty cells. */
export interface Row {
  readonly line: string;
  readonly cells: ReadonlyMap<string, string>;
  /** The column of its first word. */
  readonly indent: number;
}
interface Table {
  readonly headings: readonly string[];
  readonly rows: readonly Row[];
  /** Lines before the headings. */
  readonly before: readonly string[];
}
interface Column {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/**
 * The table with headings that begin with one of these; null if there is none. The column of a word decides its cell: a
 * heading is at the left of its column, or at the right if it has numbers. If a copy lost the columns, the order
 * decides, if it can.
 */
export function tableIn(
  lines: readonly string[],
  first: readonly string[],
  isPlausible: (cells: Row["cells"]) => boolean,
): Table | null {
  const at = lines.findIndex((line) => {
    const found = columnsOf(line).map(({ name }) => name);
    return found.length > 1 && first.includes(found[0] ?? "");
  });
  const heading = lines[at];
  if (heading === undefined) return null;
  const columns = columnsOf(heading);
  const rows = lines.slice(at + 1).flatMap((line) => {
    if (line.trim() === "" || /^-+$/.test(line.trim())) return [];
    const placed = byPlace(line, columns);
    const cells = isPlausible(placed) ? placed : byOrder(line, columns);
    return [{ line, cells: isPlausible(cells) ? cells : placed, indent: line.search(/\S/) }];
  });
  return { headings: columns.map(({ name }) => name), rows, before: lines.slice(0, at) };
}

/** LVM's headings may be two words: `PV UUID`, `VG Tags`, `Lock Type`. */
const HEADING = /(?:PV|VG|LV) (?:UUID|Tags|Attr)|Lock (?:Type|Args)|#PV Missing|\S+/g;

const columnsOf = (heading: string): Column[] =>
  Array.from(heading.matchAll(HEADING), ({ 0: name, index: start }) => ({ name, start, end: start + name.length }));

function byPlace(line: string, columns: readonly Column[]): Map<string, string> {
  const spans = new Map<string, [number, number]>();
  for (const { 0: word, index: start } of line.matchAll(/\S+/g)) {
    const end = start + word.length;
    const column =
      columns.find((each) => start < each.end && end > each.start) ??
      columns.findLast((each) => each.start <= start) ??
      columns[0];
    if (column !== undefined) spans.set(column.name, [spans.get(column.name)?.[0] ?? start, end]);
  }
  return new Map(Array.from(spans, ([name, [start, end]]) => [name, line.slice(start, end)]));
}

/** Only the last cells can be empty. */
function byOrder(line: string, columns: readonly Column[]): Map<string, string> {
  const words = line.trim().split(/\s+/);
  return new Map(columns.flatMap(({ name }, index) => (words[index] === undefined ? [] : [[name, words[index]]])));
}

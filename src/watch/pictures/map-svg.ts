import { linkHorizontal } from "d3-shape";
import type { ClusterMap, HostNode, MapLink, MapNode, NodeState } from "./map-model.ts";

/** Half of it is the width of a phone, so each font is drawn at twice the size at which it is read. */
const WIDTH = 760;
const MARGIN = 12;
const HOST = { x: MARGIN, width: 170 };
const ADAPTER = { x: MARGIN + HOST.width, width: 92 };
const PORT = { x: 352, width: 182 };
const LUN = { x: 602, width: WIDTH - MARGIN - 602 };
const LINE = 26;
const GAP = 16;
const FONT = "DejaVu Sans";

interface Look {
  readonly fill: string;
  readonly line: string;
}
const looks: Readonly<Record<NodeState, Look>> = {
  works: { fill: "#eef6f0", line: "#2e7d4f" },
  degraded: { fill: "#fff4e0", line: "#a86200" },
  failed: { fill: "#fdecec", line: "#c22b34" },
};
const INK = "#1c2128";
const SOFT = "#57606c";

interface Box {
  readonly node: MapNode;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A picture of the map: pure, so the same samples give the same bytes. `heading` and `notes` are one line each. */
export function mapSvg(map: ClusterMap, heading: string, notes: readonly string[]): string {
  const top = 52 + notes.length * LINE + 34;
  const columns = [map.hosts.map(heightOfHost), map.ports.map(heightOf), map.luns.map(heightOf)];
  const tall = Math.max(...columns.map(totalOf));
  const [hostYs = [], portYs = [], lunYs = []] = columns.map((heights) => placed(heights, top, tall));
  const hosts = map.hosts.map((node, index) => boxAt(node, HOST, hostYs[index], heightOfHost(node)));
  const adapters = map.hosts.flatMap((host, index) => adapterBoxes(host, hostYs[index] ?? 0));
  const ports = map.ports.map((node, index) => boxAt(node, PORT, portYs[index], heightOf(node)));
  const luns = map.luns.map((node, index) => boxAt(node, LUN, lunYs[index], heightOf(node)));
  const boxes = new Map([...adapters, ...ports, ...luns].map((box) => [box.node.id, box]));
  // What fails is drawn last, above everything that works.
  const links = map.links.toSorted((a, b) => a.failed / a.paths - b.failed / b.paths);
  const height = top + tall + 84;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="${FONT}">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    textAt(MARGIN, 38, fitted(heading, 30), { size: 28, bold: true }),
    ...notes.map((note, index) =>
      textAt(MARGIN, 38 + (index + 1) * LINE + 4, fitted(note, 62), { size: 19, fill: SOFT }),
    ),
    ...[
      [HOST.x, "Hosts"],
      [ADAPTER.x, "Adapters"],
      [PORT.x, "Ports"],
      [LUN.x, "LUNs"],
    ].map(([x, word]) => textAt(Number(x), top - 10, `${word}`, { size: 18, fill: SOFT, bold: true })),
    ...links.flatMap((link) => linkSvg(link, boxes)),
    ...[...hosts, ...ports, ...luns].map(boxSvg),
    ...adapters.map(adapterSvg),
    ...legend(height - 36),
    "</svg>",
    "",
  ].join("\n");
}

/** A name of up to two lines, and the note below it. */
const labelLines = (label: string): string[] => {
  if (label.length <= 13) return [label];
  const cut = label.lastIndexOf("-", 12);
  const first = cut > 3 ? cut + 1 : 12;
  return [label.slice(0, first), fitted(label.slice(first), 13)];
};
const heightOf = ({ label, note }: MapNode): number => (linesIn(label) + (note === "" ? 0 : 1)) * LINE + 14;
/** A port or a LUN is named on one line by its end, because that differs. */
const linesIn = (label: string): number => labelLines(label).length;
const heightOfHost = (node: HostNode): number => Math.max(heightOf(node), node.adapters.length * (LINE + 10) + 4);
const totalOf = (heights: readonly number[]): number =>
  heights.reduce((sum, each) => sum + each + GAP, 0) - (heights.length > 0 ? GAP : 0);

/** Evenly over the height of the tallest column. */
function placed(heights: readonly number[], top: number, tall: number): number[] {
  const free = tall - totalOf(heights);
  const space = free / (heights.length + 1);
  let y = top + space;
  return heights.map((height) => {
    const own = y;
    y += height + GAP + space;
    return Math.round(own);
  });
}

const boxAt = (node: MapNode, { x, width }: { x: number; width: number }, y = 0, height: number): Box => ({
  node,
  x,
  y,
  width,
  height,
});

function adapterBoxes(host: HostNode, y: number): Box[] {
  const height = (heightOfHost(host) - 4) / Math.max(1, host.adapters.length);
  return host.adapters.map((node, index) => ({
    ...{ node, x: ADAPTER.x, width: ADAPTER.width },
    y: Math.round(y + 2 + index * height),
    height: Math.round(height),
  }));
}

function boxSvg({ node, x, y, width, height }: Box): string {
  const look = looks[node.state];
  const lines = labelLines(node.label);
  const thick = node.state === "works" ? 2 : 4;
  const note = node.note === "" ? [] : [node.note];
  const first = y + (height - (lines.length + note.length) * LINE) / 2 + 20;
  return [
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="8" fill="${look.fill}" stroke="${look.line}" stroke-width="${thick}"/>`,
    ...lines.map((line, index) => textAt(x + 10, first + index * LINE, line, { size: 20, bold: true })),
    ...note.map((line) =>
      textAt(x + 10, first + lines.length * LINE, fitted(line, 17), {
        size: 16,
        fill: node.state === "works" ? SOFT : look.line,
      }),
    ),
  ].join("\n");
}

function adapterSvg({ node, x, y, width, height }: Box): string {
  const look = looks[node.state];
  return [
    `<rect x="${x}" y="${y + 2}" width="${width}" height="${height - 4}" rx="5" fill="${look.fill}" stroke="${look.line}" stroke-width="${node.state === "works" ? 1.5 : 3}"/>`,
    textAt(x + 8, y + height / 2 + 6, fitted(node.label, 8), { size: 17 }),
  ].join("\n");
}

const curve = linkHorizontal<unknown, readonly [number, number]>();

function linkSvg({ from, to, paths, failed }: MapLink, boxes: ReadonlyMap<string, Box>): string[] {
  const [left, right] = [boxes.get(from), boxes.get(to)];
  if (left === undefined || right === undefined) return [];
  const source = [left.x + left.width, left.y + left.height / 2] as const;
  const target = [right.x, right.y + right.height / 2] as const;
  const d = curve({ source, target }) ?? "";
  if (failed === 0) return [`<path d="${d}" fill="none" stroke="#9aa5b1" stroke-width="2"/>`];
  const isDown = failed === paths;
  const look = looks[isDown ? "failed" : "degraded"];
  const [x, y] = [(source[0] + target[0]) / 2, (source[1] + target[1]) / 2];
  return [
    `<path d="${d}" fill="none" stroke="${look.line}" stroke-width="4" stroke-dasharray="${isDown ? "5 6" : "14 5"}"/>`,
    ...(isDown ? [cross(x, y, look.line)] : []),
  ];
}

/** A shape, so that colour is not the only sign of what is down. */
const cross = (x: number, y: number, colour: string): string =>
  [
    `<g stroke="${colour}" stroke-width="5" stroke-linecap="round">`,
    `<circle cx="${x}" cy="${y}" r="14" fill="#ffffff" stroke-width="2"/>`,
    `<path d="M${x - 6} ${y - 6}L${x + 6} ${y + 6}M${x + 6} ${y - 6}L${x - 6} ${y + 6}"/></g>`,
  ].join("");

function legend(y: number): string[] {
  const sample = (x: number, rest: string) => `<path d="M${x} ${y - 6}h54" fill="none" ${rest}/>`;
  const words = (x: number, text: string) => textAt(x + 64, y, text, { size: 18, fill: SOFT });
  return [
    sample(MARGIN, 'stroke="#9aa5b1" stroke-width="2"'),
    words(MARGIN, "all paths work"),
    sample(270, `stroke="${looks.degraded.line}" stroke-width="4" stroke-dasharray="14 5"`),
    words(270, "some failed"),
    sample(504, `stroke="${looks.failed.line}" stroke-width="4" stroke-dasharray="5 6"`),
    cross(531, y - 6, looks.failed.line),
    words(504, "all failed"),
  ];
}

interface TextLook {
  readonly size: number;
  readonly fill?: string;
  readonly bold?: boolean;
}
const textAt = (x: number, y: number, text: string, { size, fill = INK, bold = false }: TextLook): string =>
  `<text x="${x}" y="${y}" font-size="${size}" fill="${fill}"${bold ? ' font-weight="700"' : ""}>${escaped(text)}</text>`;

/** At most so many characters: the beginning and the end stay. */
function fitted(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = Math.floor((most - 1) / 2);
  return `${text.slice(0, most - 1 - end)}…${text.slice(-end)}`;
}

const escaped = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replace(/[^\x20-\x7e…–·]/g, "?");

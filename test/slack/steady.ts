/** Replaces what differs in each run (times, new ids, ports) with the same text in every golden file. */
const others: readonly (readonly [RegExp, string])[] = [
  [/\.damaged-\d{4}-\d\d-\d\dT[\d.-]+Z/g, ".damaged-2026-11-29T00-00-00.000Z"],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "2026-11-29T00:00:00.000Z"],
  [/\b\d{4}-\d\d-\d\d\b/g, "2026-11-29"],
  [/\b\d\d:\d\d:\d\d(\.\d+)?/g, "00:00:00"],
  [/\b\d\d:\d\d(?= UTC\b)/g, "00:00"],
  [/\b(now|(\d+ to )?\d+ (s|min) ago)(?![\w-])/g, "now"],
  [/\b(\d+(\.\d+)? to )?\d+(\.\d+)? s\b/g, "1 s"],
  [/^[0-9a-f]{24} (?=[a-z])/g, "seal "],
  [/(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/g, "0".repeat(32)],
  [/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "00000000-0000-0000-0000-000000000000"],
  [/\b\w{6}(-\w{4}){5}-\w{6}\b/g, "000000-0000-0000-0000-0000-0000-000000"],
  [/SHA256:[\w+/]{43}/g, `SHA256:${"0".repeat(43)}`],
  [/MCowBQYDK2VwAyEA[\w+/]{43}=/g, `MCowBQYDK2VwAyEA${"0".repeat(43)}=`],
  [/127\.0\.0\.1:\d+/g, "127.0.0.1:22022"],
  [/\bport=\d+/g, "port=22022"],
  [/"port":\d+/g, '"port":22022'],
  [/\b20\d{12}\b/g, "20261129000000"],
  [/^(op-\d+) \S+$/g, "$1 digest.nonce"],
  [/\b\d+:[0-9a-f]{8,}\b/g, "1:00000000"],
  [/\b[0-9a-f]{64}\b/g, "0".repeat(64)],
  [/(?<="(?:clickedAt|openedAt)":)\d+/g, "0"],
  [/(?<="seal":")[0-9a-f]{24}(?=")/g, "seal"],
  [/\b\d{10}\.\d{6}\b/g, "1.000000"],
  [/(?<=\bbug of the bot \(|\bdetails under |\bdetails: |\blog that name )[0-9a-f]{8}\b/g, "00000000"],
  [/\/p\d{16}\b/g, "/p1000000"],
  [/\b[0-9a-f]{12}\b/g, "0".repeat(12)],
  [/(\/[\w.-]+)+\/zstack-story-\w+/g, "/data"],
  [/\b\d+ entries fit\b/g, "10 entries fit"],
  [/::\d{10}\.\d+::/g, "::1::"],
  [/\bmonotime=\d+/g, "monotime=1"],
  [/<!date\^\d+\^/g, "<!date^0^"],
  // The id of a Home's block changes with its buttons.
  [/(?<=^(?:section-\d+-\d+|menu)-)[0-9a-f]{8}$/g, "00000000"],
  [/^(decision|next)-\S+$/g, "$1-nonce"],
  // A duration of nothing is not shown, at the end of a line or of a sentence.
  [/(?: in| —|,) 1 s(?=$|[.;]| ·)/gm, ""],
];

export function steady(value: unknown): unknown {
  if (typeof value === "string") return others.reduce((text, [other, same]) => text.replaceAll(other, same), value);
  if (Array.isArray(value)) return ordered(value.map(steady));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => key !== "details" || !isTimeAlone(inner))
      .map(([key, inner]) => [key, key === "timestamp" ? 0 : steady(inner)]),
  );
}

/** Hosts run in parallel. So the entries of the audit log are in another order each time. */
function ordered(values: unknown[]): unknown[] {
  const [head, ...rows] = values;
  const isLog = /"time \(UTC\)"/.test(JSON.stringify(head)) && Array.isArray(head);
  const keyed = rows.map((row) => ({ row, key: JSON.stringify(row) }));
  return isLog ? [head, ...keyed.sort((one, other) => (one.key < other.key ? -1 : 1)).map(({ row }) => row)] : values;
}

/** Whether a task shows nothing but its duration. */
const isTimeAlone = (details: unknown): boolean => /"text":"\d+ s"\}\]\}\]/.test(JSON.stringify(details));

import fc from "fast-check";
import type { Inline, Part, Reply, Text, Tone } from "../../src/core/reply.ts";

/** Replies of any content, short and very long: what hosts print and people type. */

const words = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom("", " ", "\n", "<!channel>", "<@U1>", "&lt;", "\u001b[2J", "\ud800", "36b083fe"),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom("x", "😀", "&", "ab cd ", "\n"), fc.nat(4000))
      .map(([unit, n]) => unit.repeat(n)),
  },
);
const inline: fc.Arbitrary<Inline> = fc.oneof(
  words,
  fc.record({ code: words }),
  fc.record({ bold: words }),
  fc.record({
    at: fc.oneof(
      words,
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    ),
  }),
  fc.record({ person: fc.oneof(words, fc.constantFrom("U1", "W0ABC", "terminal:root")) }),
);
const text: fc.Arbitrary<Text> = fc.oneof(words, fc.array(inline, { maxLength: 6 }));
const tone: fc.Arbitrary<Tone> = fc.constantFrom("plain", "good", "warning", "bad");

const cell = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.constantFrom("", " ", "x".repeat(700), "😀".repeat(90)),
);
const rows = fc.oneof(
  fc.array(fc.array(words, { maxLength: 25 }), { maxLength: 3 }),
  fc
    .tuple(fc.array(cell, { maxLength: 8 }), fc.nat(250))
    .map(([row, count]) => Array.from({ length: count }, () => row)),
);
const lesser: fc.Arbitrary<Part> = fc.oneof(
  fc.record({ kind: fc.constant("text" as const), text, tone }),
  fc.record({ kind: fc.constant("fields" as const), fields: fc.array(fc.tuple(words, text), { maxLength: 8 }) }),
  fc.record({ kind: fc.constant("code" as const), caption: words, lines: fc.array(words, { maxLength: 12 }) }),
);
const tasks: fc.Arbitrary<Part> = fc.record({
  kind: fc.constant("tasks" as const),
  title: words,
  tasks: fc.array(
    fc.record({ title: words, state: fc.constantFrom("pending", "running", "done", "omitted", "failed"), note: words }),
    { maxLength: 60 },
  ),
});
const value = fc.oneof({ weight: 9, arbitrary: fc.nat(1_000) }, { weight: 1, arbitrary: fc.double() });
const chart: fc.Arbitrary<Part> = fc
  .record({
    kind: fc.constant("chart" as const),
    title: words,
    shape: fc.constantFrom("line", "bar", "area"),
    unit: words,
    takeaway: text,
    categories: fc.array(words, { maxLength: 22 }),
    names: fc.array(words, { maxLength: 14 }),
    values: fc.array(value, { minLength: 22, maxLength: 22 }),
  })
  .map(({ names, values, ...rest }) => ({
    ...rest,
    series: names.map((name) => ({ name, values: values.slice(0, rest.categories.length) })),
  }));
const part: fc.Arbitrary<Part> = fc.oneof(
  { weight: 1, arbitrary: chart },
  { weight: 1, arbitrary: tasks },
  { weight: 3, arbitrary: lesser },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("table" as const),
      caption: words,
      columns: fc.array(words, { maxLength: 25 }),
      rows,
    }),
  },
);
const parts = fc.oneof(
  { weight: 4, arbitrary: fc.array(part, { maxLength: 8 }) },
  {
    weight: 1,
    arbitrary: fc
      // Fifty large tables would be tens of megabytes, which only take the test's time.
      .tuple(lesser, lesser, fc.nat(50))
      .map(([a, b, n]) => Array.from({ length: n }, (_, i) => (i % 2 ? a : b))),
  },
);

export const replies: fc.Arbitrary<Reply> = fc.record(
  {
    title: words,
    tone,
    parts,
    next: fc.array(words, { maxLength: 12 }),
    foot: words,
    record: text,
    details: fc.record({ title: words, parts }),
  },
  { requiredKeys: ["title", "tone", "parts", "next"] },
);

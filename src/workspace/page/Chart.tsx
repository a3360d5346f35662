import { line } from "d3-shape";
import type { BlockOf } from "./blocks.ts";

type Chart = BlockOf<"data_visualization">["chart"];
type Plotted = Exclude<Chart, { type: "pie" }>;

const WIDTH = 560;
const HEIGHT = 220;
const MARGIN = { left: 56, right: 12, top: 26, bottom: 30 };
const BASE = HEIGHT - MARGIN.bottom;
/** So many labels fit below a chart. */
const MOST_LABELS = 5;
/** A phone shows so many characters of a label, if there are some of them. */
const LABEL_CHARACTERS = 12;

/** A chart, its legend, and its numbers as a table that opens. */
export function ChartBlock({ block: { title, chart } }: { block: BlockOf<"data_visualization"> }) {
  return (
    <figure className="chart">
      <figcaption>{title}</figcaption>
      {chart.type === "pie" ? null : (
        <>
          <Plot chart={chart} title={title} />
          <ul className="legend">
            {chart.series.map(({ name }, index) => (
              <li key={name} className={`series-${index % 12}`}>
                {name}
              </li>
            ))}
          </ul>
        </>
      )}
      <Numbers chart={chart} />
    </figure>
  );
}

function Plot({ chart, title }: { chart: Plotted; title: string }) {
  const { categories, y_label } = chart.axis_config;
  const series = chart.series.map(({ name, data }) => ({
    name,
    values: categories.map((category) => data.find(({ label }) => label === category)?.value ?? 0),
  }));
  const top = niceTop(Math.max(0, ...series.flatMap(({ values }) => values)));
  const step = (WIDTH - MARGIN.left - MARGIN.right) / Math.max(1, categories.length);
  const xOf = (index: number) => MARGIN.left + (index + 0.5) * step;
  const yOf = (value: number) => BASE - (value / top) * (BASE - MARGIN.top);
  const every = Math.ceil(categories.length / MOST_LABELS);
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={title}>
      {[0, top / 2, top].map((value) => (
        <g key={value} className="grid">
          <line x1={MARGIN.left} x2={WIDTH - MARGIN.right} y1={yOf(value)} y2={yOf(value)} />
          <text x={MARGIN.left - 6} y={yOf(value) + 4} textAnchor="end">
            {value}
          </text>
        </g>
      ))}
      {y_label === undefined ? null : (
        <text className="unit" x={MARGIN.left + 4} y={16}>
          {y_label}
        </text>
      )}
      {categories.map((category, index) =>
        index % every === 0 ? (
          <text key={category} x={xOf(index)} y={HEIGHT - 8} textAnchor="middle">
            {shortened(category)}
          </text>
        ) : null,
      )}
      {series.map(({ name, values }, place) =>
        chart.type === "bar" ? (
          <Bars
            key={name}
            bars={values.map((value, index) => ({
              x: xOf(index) - step * 0.4 + (place * step * 0.8) / series.length,
              y: yOf(value),
              width: (step * 0.8) / series.length,
            }))}
            className={`series-${place % 12}`}
          />
        ) : (
          <g key={name} className={`series-${place % 12}`}>
            <path className="plotted" d={line<number>((_, index) => xOf(index), yOf)(values) ?? ""} />
            {/* A line through one point can't be seen. */}
            {values.length === 1 ? <circle className="point" cx={xOf(0)} cy={yOf(values[0] ?? 0)} r={4} /> : null}
          </g>
        ),
      )}
    </svg>
  );
}

const shortened = (label: string): string =>
  label.length <= LABEL_CHARACTERS ? label : `${label.slice(0, 4)}…${label.slice(5 - LABEL_CHARACTERS)}`;

interface Bar {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}
const Bars = ({ bars, className }: { readonly bars: readonly Bar[]; readonly className: string }) =>
  bars.map(({ x, y, width }) => (
    <rect key={x} className={`bar ${className}`} x={x} y={y} width={width} height={Math.max(0, BASE - y)} />
  ));

/** 1, 2 or 5 times a power of ten, not below the highest value. */
function niceTop(most: number): number {
  if (!(most > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return ([1, 2, 5, 10].find((factor) => factor * power >= most) ?? 10) * power;
}

function Numbers({ chart }: { chart: Chart }) {
  const categories = chart.type === "pie" ? chart.segments.map(({ label }) => label) : chart.axis_config.categories;
  const series = chart.type === "pie" ? [{ name: "value", data: chart.segments }] : chart.series;
  return (
    <details className="numbers" open={chart.type === "pie"}>
      <summary>Numbers</summary>
      <table>
        <thead>
          <tr>
            <th scope="col"> </th>
            {series.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {categories.map((category) => (
            <tr key={category}>
              <th scope="row">{category}</th>
              {series.map(({ name, data }) => (
                <td key={name}>{data.find(({ label }) => label === category)?.value}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

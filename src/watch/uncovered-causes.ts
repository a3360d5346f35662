import { type Finding, subjectOf } from "../core/finding.ts";
import type { Incident } from "../core/incident.ts";
import { SliceLimit, type Slices } from "../core/parts.ts";
import { type Cause, causesInSlices, type FailingElement } from "./cause.ts";
import type { Observations } from "./observations.ts";
import type { WatchPorts } from "./ports.ts";

/** Of so many elements the news are found in a few milliseconds. */
const NEWS = 2_000;

/** The causes of what fails and is news: neither an operation nor a pause covers it. */
export class UncoveredCauses {
  readonly #observations: Observations;
  readonly #coveredBy: WatchPorts["coveredBy"];
  /** By key: since when each finding is there that was covered in the last round. */
  #covered: ReadonlyMap<string, number> = new Map();

  constructor(observations: Observations, coveredBy: WatchPorts["coveredBy"]) {
    this.#observations = observations;
    this.#coveredBy = coveredBy;
  }

  /** The clock was set: what was covered keeps its age. */
  shift(byMs: number): void {
    this.#covered = new Map([...this.#covered].map(([key, sinceMs]) => [key, sinceMs + byMs]));
  }

  /** Whether an operation or a pause covered the finding in the last round. */
  isCovered(key: string): boolean {
    return this.#covered.has(key);
  }

  *inSlices(incidents: readonly Incident[]): Slices<Cause[]> {
    const { index } = this.#observations;
    // What was there before an operation or a pause began is not covered by it.
    const open = incidents.filter(({ state }) => state === "open");
    const reported = new Set(open.flatMap(({ findings }) => findings.map(subjectOf)));
    const covered = new Map<string, number>();
    const isNews = ({ findings }: FailingElement) =>
      findings.some((finding) => {
        if (reported.has(subjectOf(finding))) return true;
        if (this.#coveredBy(finding, finding.sinceMs) === null && !this.#wasCovered(finding)) return true;
        covered.set(finding.key, finding.sinceMs);
        return false;
      });
    const slice = new SliceLimit(NEWS);
    const news: FailingElement[] = [];
    let count = 0;
    for (const element of index.failing()) {
      if (slice.isOver(1)) yield;
      count += 1;
      if (isNews(element)) news.push(element);
    }
    const causes = yield* causesInSlices(news.length === count ? news : withoutCovered(news), index);
    this.#covered = covered;
    const unobserved = this.#observations.unobservedClusters();
    if (unobserved.size === 0) return causes;
    return causes.map((cause) =>
      cause.findings.some(({ clusterUuid }) => unobserved.has(clusterUuid)) ? { ...cause, isDoubtful: true } : cause,
    );
  }

  /** Of a silent host: nobody knows whether it is left of what an operation or a maintenance covered. */
  #wasCovered({ key, sinceMs, hostUuid }: Finding & { readonly sinceMs: number }): boolean {
    return this.#covered.get(key) === sinceMs && this.#observations.isSilent(hostUuid);
  }
}

/** A map that lacks paths also by what is covered is as it is, but nobody is called for it. */
function withoutCovered(news: readonly FailingElement[]): FailingElement[] {
  const there = new Set(news.flatMap(({ follows, findings }) => (follows ? [] : findings.map(({ key }) => key))));
  return news.map((element) => {
    const { follows, findings } = element;
    if (follows === undefined || follows.every((key) => there.has(key))) return element;
    const mild = (each: (typeof findings)[number]) =>
      each.severity === "critical" ? { ...each, severity: "warning" as const } : each;
    return { ...element, findings: findings.map(mild) };
  });
}

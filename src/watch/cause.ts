import { type Scope, scopes } from "../core/cause-scope.ts";
import { type Finding, type Severity, worst } from "../core/finding.ts";

/** Something that works or not, and everything that it is a part of. */
export interface Element {
  /** The findings that it shows; none if it works. */
  readonly findings: readonly Finding[];
  readonly scopes: readonly [Scope, ...Scope[]];
}

/** The smallest thing that explains some findings, and nothing that works. */
export interface Cause {
  readonly scope: Scope;
  readonly findings: readonly Finding[];
  readonly severity: Severity;
  /** How many elements of the scope show findings: all of them, or the scope would not be the cause. */
  readonly elements: number;
}

interface Candidate {
  readonly scope: Scope;
  readonly failing: Element[];
}

export const keyOf = ({ kind, id }: Scope): string => `${kind} ${id}`;
const rankOf = ({ kind }: Scope): number => scopes.indexOf(kind);

/**
 * Each finding is in exactly one cause. `works` says whether anything in a scope works: then it is not the cause. Of
 * several, the one that explains the most counts; of equal ones, the smallest. The cost grows with what fails.
 */
export function causesOf(failing: readonly Element[], works: (scope: Scope) => boolean): Cause[] {
  const candidates = new Map<string, Candidate>();
  for (const element of failing) {
    for (const scope of element.scopes) {
      const key = keyOf(scope);
      const candidate = candidates.get(key);
      if (candidate !== undefined) candidate.failing.push(element);
      else if (!works(scope)) candidates.set(key, { scope, failing: [element] });
    }
  }
  const explained = new Set<Element>();
  const causes: Cause[] = [];
  const bySize: Candidate[][] = [];
  const enter = (candidate: Candidate, size: number): void => {
    const same = bySize[size] ?? [];
    bySize[size] = same;
    same.push(candidate);
  };
  for (const candidate of candidates.values()) enter(candidate, candidate.failing.length);
  // What a larger cause has explained leaves the smaller ones, so that a candidate may come back with a smaller size.
  for (let size = bySize.length - 1; size > 0; size--) {
    for (const { scope, failing } of (bySize[size] ?? []).sort(bySmallest)) {
      const rest = failing.filter((element) => !explained.has(element));
      if (rest.length < size) {
        enter({ scope, failing: rest }, rest.length);
        continue;
      }
      for (const element of rest) explained.add(element);
      causes.push(causeOf(scope, rest));
    }
  }
  return causes;
}

const bySmallest = (a: Candidate, b: Candidate): number =>
  rankOf(a.scope) - rankOf(b.scope) || (keyOf(a.scope) < keyOf(b.scope) ? -1 : 1);

function causeOf(scope: Scope, elements: readonly Element[]): Cause {
  const findings = [...new Map(elements.flatMap((each) => each.findings).map((each) => [each.key, each])).values()];
  return { scope, findings, severity: worst(findings.map(({ severity }) => severity)), elements: elements.length };
}

import { z } from "zod";
import { freezesSchema } from "../../src/core/freeze.ts";
import { setRuleSchema } from "../../src/core/policy.ts";
import { reviewSchema } from "../../src/core/review.ts";
import { grantSchema } from "../../src/core/role.ts";

const givenSchema = z.looseObject({
  id: z.string(),
  kind: z.enum(["approved", "break-glass"]),
  by: z.string(),
  digest: z.string(),
});

const schemas = {
  "roles.json": z.looseObject({ grants: z.array(grantSchema) }),
  "policies.json": z.looseObject({ rules: z.array(setRuleSchema) }),
  "freezes.json": z.looseObject({ freezes: freezesSchema.shape.freezes }),
  "reviews.json": z.looseObject({ reviews: z.array(reviewSchema) }),
  "operations.json": z.looseObject({ given: z.array(givenSchema) }),
};
export type KeptName = keyof typeof schemas;
type ContentOf<N extends KeptName> = z.output<(typeof schemas)[N]>;

/** What a file has from a position in the audit log on: the log was so long, in bytes, before it was replaced. */
export interface Kept<N extends KeptName> {
  readonly from: number;
  readonly content: ContentOf<N>;
}
/** All that each file had, the earliest first. The first is what it had before the story. */
export interface KeptFiles {
  readonly roles: readonly Kept<"roles.json">[];
  readonly policies: readonly Kept<"policies.json">[];
  readonly freezes: readonly Kept<"freezes.json">[];
  readonly reviews: readonly Kept<"reviews.json">[];
  readonly decisions: readonly Kept<"operations.json">[];
  /** The length of the log at each start of the bot. */
  readonly starts: readonly number[];
}

const lineSchema = z.looseObject({ file: z.string(), from: z.int(), content: z.unknown().optional() });

/** `before`: the text of a file before the story; empty if there is none. */
export function keptFiles(witness: string, before: (name: KeptName) => string): KeptFiles {
  const lines = witness
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => lineSchema.parse(JSON.parse(line)));
  const of = <N extends KeptName>(name: N, empty: ContentOf<N>): Kept<N>[] => {
    const schema = schemas[name] as unknown as z.ZodType<ContentOf<N>>;
    const text = before(name);
    return [
      { from: 0, content: text === "" ? empty : schema.parse(JSON.parse(text)) },
      ...lines
        .filter(({ file }) => file === name)
        .map(({ from, content }) => ({ from, content: schema.parse(content) })),
    ];
  };
  return {
    roles: of("roles.json", { grants: [] }),
    policies: of("policies.json", { rules: [] }),
    freezes: of("freezes.json", { freezes: [] }),
    reviews: of("reviews.json", { reviews: [] }),
    // The operations before the story had no second person.
    decisions: of("operations.json", { given: [] }),
    starts: lines.filter(({ file }) => file === "start").map(({ from }) => from),
  };
}

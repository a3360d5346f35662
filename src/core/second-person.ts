import { z } from "zod";
import type { Demand } from "./demand.ts";
import { nameSchema, timeSchema } from "./inventory.ts";

/** An approval, or a break-glass in its place. Both are for one plan, which the digest identifies. */
const givenSchema = z.strictObject({
  kind: z.enum(["approved", "break-glass"]),
  by: z.string(),
  at: timeSchema,
  digest: z.string(),
  /** Why a person did without the approval. */
  reason: z.string().nullable(),
});
export type Given = z.output<typeof givenSchema>;

/** The second person of an operation. `clusters`: where this person needs the role. `given`: null until then. */
export const secondSchema = z.strictObject({
  clusters: z.union([z.literal("all"), z.array(nameSchema).max(500)]),
  given: givenSchema.nullable(),
});

/** One plan, and the people who asked for it and confirm it. */
interface Confirmed {
  readonly digest: string;
  readonly askedBy: string;
  readonly confirmedBy: string;
}

/** A plan can't run without the person that its policy asks for. */
export class NoSecondPerson extends Error {
  override name = "NoSecondPerson";
}

/**
 * Proves that the second person of a plan approved it, or that none is asked. A plan is confirmed only with it. Nothing
 * else makes one: a similar object fails to compile.
 */
export class SecondPerson {
  readonly #digest: string;
  private constructor(digest: string) {
    this.#digest = digest;
  }

  /** Compiles only if the policy asks for no second person. */
  static notAsked(_demand: Demand<false>, { digest }: Pick<Confirmed, "digest">): SecondPerson {
    return new SecondPerson(digest);
  }

  /** Throws if the approval is of another plan, or of a person who asked for this one or confirms it. */
  static of(given: Given, { digest, askedBy, confirmedBy }: Confirmed): SecondPerson {
    if (given.digest !== digest) throw new NoSecondPerson("the approval is of another plan");
    if (given.kind === "approved" && (given.by === askedBy || given.by === confirmedBy)) {
      throw new NoSecondPerson("the person who approved it also asked for it or confirms it");
    }
    return new SecondPerson(digest);
  }

  covers(digest: string): boolean {
    return this.#digest === digest;
  }
}

import { z } from "zod";
import { Refusal, reason } from "../../core/refusal.ts";

const units = "kmgtp";

/** `3T`, `500GiB`, `1.5t`: powers of 1024; a number alone is bytes. */
const sizeSchema = z
  .string()
  .regex(/^\d+(?:\.\d+)?(?:[kmgtp](?:i?b)?)?$/i, "must be a size such as 3T or 500G")
  .transform((text) => {
    const [, number = "", unit = ""] = /^([\d.]+)([kmgtp]?)/i.exec(text) ?? [];
    return Math.floor(Number(number) * 1024 ** (units.indexOf(unit.toLowerCase()) + 1));
  })
  .refine((bytes) => Number.isSafeInteger(bytes) && bytes > 0, "must be a size such as 3T or 500G");

const percentSchema = z
  .string()
  .regex(/^\d+(?:\.\d+)?%?$/, "must be a number from 0 to 100")
  .transform((text) => Number(text.replace("%", "")))
  .refine((percent) => percent <= 100, "must be a number from 0 to 100");

const name = z.string();

/** Each word and its arguments, in their order. They are stable: scripts use them. */
const argumentsOf = {
  "path-fail": z.strictObject({ HOST: name, WWID: name, PATH: name }),
  "path-restore": z.strictObject({ HOST: name, WWID: name, PATH: name }),
  "portal-fail": z.strictObject({ PORTAL: name }),
  "portal-restore": z.strictObject({ PORTAL: name }),
  "host-down": z.strictObject({ HOST: name }),
  "host-up": z.strictObject({ HOST: name }),
  "lease-lost": z.strictObject({ HOST: name }),
  "lease-restore": z.strictObject({ HOST: name }),
  grow: z.strictObject({ WWID: name, SIZE: sizeSchema }),
  fill: z.strictObject({ STORAGE: name, PERCENT: percentSchema }),
  unmap: z.strictObject({ HOST: name, WWID: name }),
  map: z.strictObject({ HOST: name, WWID: name }),
} as const;

type Word = keyof typeof argumentsOf;

/** One change of the simulated SAN, as a person typed it. */
export type SanChange = { [W in Word]: { readonly word: W } & Readonly<z.output<(typeof argumentsOf)[W]>> }[Word];

const isWord = (word: string): word is Word => Object.hasOwn(argumentsOf, word);
const namesOf = (word: Word): string[] => Object.keys(argumentsOf[word].shape);
const usageOf = (word: Word): string => [word, ...namesOf(word)].join(" ");

/** `path-fail HOST WWID PATH`, one for each word. */
export const sanUsages: readonly string[] = Object.keys(argumentsOf).filter(isWord).map(usageOf);

export function parseSanWords(text: string): SanChange {
  const [word = "", ...given] = text.trim().split(/\s+/);
  if (!isWord(word)) {
    throw new Refusal(
      `The SAN can't do ${JSON.stringify(word)}`,
      reason("UNKNOWN_COMMAND", "there is no such word", `type one of: ${sanUsages.join("; ")}`),
    );
  }
  const names = namesOf(word);
  const headline = `${word} can't be done`;
  const fix = `type ${usageOf(word)}`;
  if (given.length !== names.length) {
    const missing = names.slice(given.length).join(" and ");
    const why =
      missing === ""
        ? `${given.slice(names.length).join(" ")} is too much`
        : `${missing} ${missing.includes(" and ") ? "are" : "is"} missing`;
    throw new Refusal(headline, reason("WRONG_ARGUMENTS", why, fix));
  }
  const values = Object.fromEntries(names.map((each, index) => [each, given[index]]));
  const parsed = argumentsOf[word].safeParse(values);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = String(issue?.path[0] ?? "");
    const why = `${field} ${JSON.stringify(values[field] ?? "")} ${issue?.message}`;
    throw new Refusal(headline, reason("WRONG_ARGUMENTS", why, fix));
  }
  return { word, ...parsed.data } as SanChange;
}

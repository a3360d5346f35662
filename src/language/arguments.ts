import { z } from "zod";
import type { Command } from "../core/command.ts";

/** One argument of a command, taken from its schema. */
export interface Argument {
  readonly key: string;
  readonly positional: boolean;
  readonly required: boolean;
  /** The value that is used if it is not given. Null if there is none. */
  readonly usual: string | number | boolean | null;
  readonly description: string;
}

/** Positional arguments first, in their order; then required ones; then the rest. */
export function argumentsOf(command: Command): Argument[] {
  // In a list of commands, arguments have the type `any`. Every schema is a z.ZodObject.
  const shape: Readonly<Record<string, z.ZodType>> = command.args.shape;
  const all = Object.entries(shape).map(([key, schema]) => argumentOf(key, schema, command.positional.includes(key)));
  const rank = ({ key, positional, required }: Argument): number =>
    positional ? command.positional.indexOf(key) : command.positional.length + (required ? 0 : 1);
  return all.sort((one, other) => rank(one) - rank(other));
}

function argumentOf(key: string, schema: z.ZodType, positional: boolean): Argument {
  const absent = schema.safeParse(undefined);
  const usual: unknown = absent.success ? absent.data : null;
  return {
    key,
    positional,
    required: !absent.success,
    usual: typeof usual === "string" || typeof usual === "number" || typeof usual === "boolean" ? usual : null,
    description: descriptionOf(schema),
  };
}

/** Of the schema, or of the one that it makes optional: `describe` may be called on either. */
function descriptionOf(schema: z.ZodType): string {
  const inner = schema instanceof z.ZodOptional ? schema.unwrap() : null;
  return schema.description ?? (inner instanceof z.ZodType ? descriptionOf(inner) : "");
}

/** `sharedblock add CLUSTER wwid=… [name=] [description=] [wipe=true]` */
export const usageOf = (command: Command): string =>
  [command.name, ...argumentsOf(command).map((argument) => bracketed(argument))].join(" ");

/** Without optional arguments, for a list of commands: `sharedblock add CLUSTER wwid=… […]` */
export function shortUsageOf(command: Command): string {
  const all = argumentsOf(command);
  const shown = all.filter(({ positional, required }) => positional || required);
  const more = shown.length < all.length ? ["[…]"] : [];
  return [command.name, ...shown.map((argument) => bracketed(argument)), ...more].join(" ");
}

const bracketed = (argument: Argument): string => (argument.required ? shapeOf(argument) : `[${shapeOf(argument)}]`);

/** How an argument is written: `CLUSTER`, `wwid=…`, `port=22`. A switch is shown with the value that changes it. */
export function shapeOf({ key, positional, required, usual }: Argument): string {
  if (positional) return placeholder(key);
  if (required) return `${key}=…`;
  return `${key}=${typeof usual === "boolean" ? !usual : (usual ?? "")}`;
}

/** `hostOrCluster` → `HOST-or-CLUSTER` */
const placeholder = (key: string): string =>
  key
    .split(/(?=[A-Z])/)
    .map((word) => (word.toLowerCase() === "or" ? "or" : word.toUpperCase()))
    .join("-");

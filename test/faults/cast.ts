import { terminalPerson } from "../../src/terminal/person.ts";

export const alice = "U0ALICE01";
export const bob = "U0BOB0001";
export const carol = "U0CAROL01";
export const dave = "U0DAVE001";
/** The person who runs the bot, at a terminal of its computer. */
export const terminal = terminalPerson();
/** The user group with bob and dave. */
export const group = "S0ONCALL";

export const people = [
  { id: alice, name: "alice" },
  { id: bob, name: "bob" },
  { id: carol, name: "carol" },
  { id: dave, name: "dave" },
];

/** Who may do what when a story begins. */
export type Cast =
  /** alice and bob are in OPERATORS. All others may read. */
  | "operators"
  /** alice is in ADMINS. bob is operator, carol approver, and dave may read. Grants may say more. */
  | "roles";

/** Those who may confirm a plan in the story, as far as nobody changes their roles. */
export const operatorsOf = (cast: Cast): readonly string[] =>
  cast === "operators" ? [alice, bob, terminal] : [alice, bob, carol, dave, terminal];

import { type OperatorError, operatorError, reason } from "../core/refusal.ts";
import { type Holding, isGroup, type Needed, roleText } from "../core/role.ts";
import { clustersWords } from "./role-arguments.ts";

const MOST_NAMED = 5;

/** `nameOf`: the name of a user or a user group, if it is known. */
export function missingRole(
  person: string,
  needed: Needed,
  holders: readonly Holding[],
  nameOf: (id: string) => string | null,
): OperatorError {
  const named = [...new Map(holders.map((each) => [each.who, each])).values()].map(
    ({ who, role }) =>
      `${nameOf(who) ?? who}${role === needed.role ? "" : ` (${role})`}${isGroup(who) ? " (group)" : ""}`,
  );
  const more = named.length > MOST_NAMED ? ` and ${named.length - MOST_NAMED} more` : "";
  const who = named.length === 0 ? "nobody has it" : `who has it: ${named.slice(0, MOST_NAMED).join(", ")}${more}`;
  const clusters = typeof needed.clusters === "string" ? "all" : needed.clusters;
  // A person who may not even read can send no command.
  const ask = needed.role === "viewer" ? [] : [{ run: `role ask ${needed.role}${clustersWords(clusters)}` }];
  return operatorError(`The role ${roleText(needed)} is missing`, [
    reason("ROLE_MISSING", `your user id is ${person}, and it was not given this role`, ...ask),
    reason("ROLE_MISSING", who),
  ]);
}

/** There is nobody who could be asked. */
export const nobodyYet = (person: string): OperatorError =>
  operatorError(
    "Nobody can change anything yet",
    reason(
      "NO_ADMINS",
      `ADMINS and OPERATORS are empty.${person.startsWith("terminal:") ? "" : ` Your user id is ${person}.`}`,
    ),
  );

/** `problem`: what went wrong at Slack. */
export const notAnswered = (needed: Needed, problem: unknown): OperatorError =>
  operatorError(
    `Nobody knows now whether you have the role ${roleText(needed)}`,
    reason(
      "ROLE_UNKNOWN",
      `Slack did not say who is in a user group, or what an account is: ${problem instanceof Error ? problem.message : String(problem)}`,
      /missing_scope/.test(String(problem))
        ? "give the app the scopes users:read and usergroups:read, then reinstall it"
        : "send it again in a minute",
    ),
  );

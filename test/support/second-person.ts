import { Demand } from "../../src/core/demand.ts";
import { SecondPerson } from "../../src/core/second-person.ts";

/** Of a plan that no policy asks a second person for. */
export function nobodyAsked(digest: string): SecondPerson {
  const demand = Demand.of({ confirm: "typed", approver: "never" }, true);
  if (demand.approver) throw new Error("never is never");
  return SecondPerson.notAsked(demand, { digest });
}

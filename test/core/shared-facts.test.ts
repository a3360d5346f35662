import { expect, it } from "vitest";
import { sharedFacts } from "../../src/core/shared-facts.ts";

const facts = (answers: readonly (readonly [host: string, fact: string])[], asked?: number) =>
  sharedFacts(
    answers,
    ([host]) => host,
    ([, fact]) => fact,
    asked,
  ).map(({ fact, hosts, names }) => ({ fact, hosts, names: names.join(" ") }));

it("the hosts of a fact are in the order of their names, and not of their answers", () => {
  expect(
    facts([
      ["host10", "done"],
      ["host2", "done"],
      ["host9", "failed"],
      ["host1", "done"],
    ]),
  ).toEqual([
    { fact: "done", hosts: "host1, host2, host10", names: "host1 host2 host10" },
    { fact: "failed", hosts: "host9", names: "host9" },
  ]);
});

it("the first names of many are the lowest, and a host that repeats a fact has one name", () => {
  const numbers = [7, 3, 1, 6, 2, 5, 4, 3];
  const answers = numbers.map((number): [string, string] => [`host${number}`, "no session"]);
  expect(facts(answers, 100)).toMatchObject([{ hosts: "host1, host2, host3, host4 and 3 more" }]);
});

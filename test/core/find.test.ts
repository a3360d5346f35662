import { expect, it } from "vitest";
import { hostNamed } from "../../src/core/find.ts";
import { InMemory } from "../flow/in-memory.ts";

it("a name that is not there is answered with the names that are, and with how many there are more", () => {
  const { inventory } = new InMemory([23], 1);
  expect(() => hostNamed(inventory, "host9")).toThrow(/there are bench-host1, .*, bench-host20 and 3 more/);
});

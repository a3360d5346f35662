import { expect, it } from "vitest";
import { hostNamed } from "../../src/core/find.ts";
import { InMemory } from "../flow/in-memory.ts";

it("an unknown name is refused with the existing names, and with the number of further ones", () => {
  const { inventory } = new InMemory([23], 1);
  expect(() => hostNamed(inventory, "host9")).toThrow(
    /NOT_FOUND: Host "host9" does not exist: existing: bench-host1, .*, bench-host20 and 3 more/,
  );
});

import { describe } from "vitest";
import { faults } from "./proof/faults.ts";
import { fresh } from "./proof/fresh.ts";

// In this order: the faults leave their traces in the lab.
describe("a fresh lab", fresh);
describe("faults", faults);

import { describe } from "vitest";
import { faults } from "./proof/faults.ts";
import { fresh } from "./proof/fresh.ts";
import { locks } from "./proof/locks.ts";

// In this order: what comes later leaves its traces in the lab.
describe("a fresh lab", fresh);
describe("faults", faults);
describe("a shared volume group", locks);

import { describe } from "vitest";
import { faults } from "./proof/faults.ts";
import { fresh } from "./proof/fresh.ts";

// In this order: the faults leave traces in the lab.
describe("a fresh lab", fresh);
// The stories of the main job make most of them too.
describe.skipIf(process.env.LAB_RUN === "short")("faults", faults);

import { testsCrashes } from "./crash-table.ts";
import { crashTables } from "./tables/index.ts";

for (const table of crashTables.growth) testsCrashes(table);

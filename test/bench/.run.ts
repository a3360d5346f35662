import { mkdtempSync } from "node:fs";
import { watchLoadFigures } from "./.small.ts";

console.log(await watchLoadFigures(mkdtempSync("/tmp/wprof/d/x")));

import { asksOfLuns, type GuardRead, type LunGuard } from "../../src/core/step.ts";

/** Stands for a guard of a LUN where a test is of something else. */
export const markedGuard = (read: GuardRead): LunGuard => [{ ...read, [asksOfLuns]: [] }];

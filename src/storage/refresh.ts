import { z } from "zod";

/** Whether a query asks the hosts anew, or tells what they showed at the last look. */
export const refreshSchema = z.stringbool({ truthy: ["true", "yes"], falsy: ["false", "no"] });

import { z } from "zod";

// With its first schema zod tries to compile code. The page's Content-Security-Policy forbids it, and the browser
// reports the try. So this module is imported before every module that makes a schema.
z.config({ jitless: true });

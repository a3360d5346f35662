import { z } from "zod";

// zod tries, as the first schema is made, whether it may compile code; the page's Content-Security-Policy forbids it
// and
// the browser would report it. So this module is imported before every module that makes a schema.
z.config({ jitless: true });

import { describe, expect, it } from "vitest";
import { builtPage } from "../../src/workspace/built-page.ts";
import { pageDirectory } from "../programs.ts";

describe("the built page", () => {
  it("refers only to its own files", async () => {
    const files = await builtPage(pageDirectory);
    const index = String(files.get("/")?.body);
    const referred = [...index.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url ?? "");
    expect(referred.length).toBeGreaterThan(2);
    // Relative to the page's address, which begins with a key.
    for (const url of referred) expect(files.has(url.replace(/^\.\//, "/")) || url === "data:,", url).toBe(true);
    expect(referred.filter((url) => url.startsWith("/"))).toEqual([]);
    for (const [path, { type, body }] of files) {
      expect(type, path).not.toBe("application/octet-stream");
      if (type.startsWith("text/css")) expect(String(body), path).not.toMatch(/@import|url\((?!["']?data:)/);
    }
  });
});

import { describe, expect, it } from "vitest";
import { pageFiles } from "../../src/workspace/page-bundle.ts";

describe("the page's bundle", () => {
  it("is built once, in memory, and refers to nothing elsewhere", async () => {
    const before = process.env.NODE_ENV;
    const files = await pageFiles();
    expect(await pageFiles()).toBe(files);
    expect(process.env.NODE_ENV).toBe(before);

    const index = String(files.get("/")?.body);
    const referred = [...index.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url ?? "");
    expect(referred.length).toBeGreaterThan(2);
    // Relative to the page's address, which begins with a key.
    for (const url of referred) expect(files.has(url.replace(/^\.\//, "/")) || url === "data:,", url).toBe(true);
    expect(referred.filter((url) => url.startsWith("/"))).toEqual([]);
    for (const [path, { type, body }] of files) {
      if (type.startsWith("text/css")) expect(String(body), path).not.toMatch(/@import|url\((?!["']?data:)/);
    }
  });
});

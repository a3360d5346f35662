import { expect, it } from "vitest";
import { renamed } from "../../src/language/renamed.ts";

it("a line gets the existing name in each place of the typed one, and in no other", () => {
  expect(renamed("lun list cluster-9", "cluster-9", "cluster-1")).toBe("lun list cluster-1");
  expect(renamed('zone add z description="for cluster-9"', "cluster-9", "cluster-1")).toBeNull();
  expect(renamed("sharedblock add c wwid=36a,36b name=ps-1", "36b", "36c")).toBe(
    "sharedblock add c wwid=36a,36c name=ps-1",
  );
  expect(renamed('host add h cluster=c9 description="two  words"', "c9", "c1")).toBe(
    'host add h cluster=c1 description="two  words"',
  );
  expect(renamed('zone add "unclosed', "unclosed", "x")).toBeNull();
});

import { describe, expect, it } from "vitest";
import { complete } from "../../../src/workspace/page/completion.ts";

const completions = [
  { name: "help", summary: "", usage: "help", keys: ["command"] },
  { name: "host add", summary: "", usage: "host add", keys: ["name", "address"] },
  { name: "sharedblock add", summary: "", usage: "sharedblock add", keys: ["cluster", "wwid", "wipe"] },
  { name: "sharedblock list", summary: "", usage: "sharedblock list", keys: [] },
];
const at = (head: string) => complete(head, ["/zstack", "@zstack"], completions);
/** The line after taking each suggestion. */
const linesAfter = (head: string) => at(head).suggestions.map(({ insert }) => head.slice(0, at(head).from) + insert);

describe("completing a line", () => {
  it("offers nothing on an empty line or in plain talk", () => {
    expect(linesAfter("")).toEqual([]);
    expect(linesAfter("sharedblock ")).toEqual([]);
    expect(linesAfter("see /zstack ")).toEqual([]);
  });
  it("offers how a command begins", () => {
    expect(linesAfter("/z")).toEqual(["/zstack "]);
    expect(linesAfter("@")).toEqual(["@zstack "]);
  });
  it("offers commands by their beginning, then by a later word, in any case", () => {
    expect(linesAfter("/zstack SH")).toEqual(["/zstack sharedblock add ", "/zstack sharedblock list "]);
    expect(linesAfter("/zstack add")).toEqual(["/zstack host add ", "/zstack sharedblock add "]);
    expect(linesAfter("@zstack  h")).toEqual(["@zstack  help ", "@zstack  host add "]);
  });
  it("offers the keys that are not yet given", () => {
    expect(linesAfter("/zstack sharedblock add cluster-1 w")).toEqual([
      "/zstack sharedblock add cluster-1 wwid=",
      "/zstack sharedblock add cluster-1 wipe=",
    ]);
    expect(linesAfter("/zstack sharedblock add wwid=36b0 w")).toEqual(["/zstack sharedblock add wwid=36b0 wipe="]);
  });
  it("offers nothing inside a value, quoted or not", () => {
    expect(linesAfter("/zstack sharedblock add wwid=")).toEqual([]);
    expect(linesAfter('/zstack host add name="a ')).toEqual([]);
    expect(linesAfter('/zstack host add name="a b" a')).toEqual(['/zstack host add name="a b" address=']);
  });
  it("knows the command as soon as its words are complete", () => {
    expect(at("/zstack sharedblock").command).toBeNull();
    expect(at("/zstack sharedblock add").command?.name).toBe("sharedblock add");
    expect(at("/zstack sharedblock add x").command?.name).toBe("sharedblock add");
    expect(at("/zstack sharedblock added").command).toBeNull();
  });
});

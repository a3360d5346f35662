import { describe, expect, it } from "vitest";
import { parseOutput } from "../../src/parse/parse-output.ts";
import { SHOWN } from "./shown-forms.ts";

describe("what the tools print to a person at a shell", () => {
  it.each(SHOWN)("$command $form", ({ command, printed, value }) => {
    const parsed = parseOutput(command, printed);
    expect(parsed).toMatchObject({ command, understood: true, notUnderstood: [] });
    expect(parsed?.value).toMatchObject(value as object);
    if (Array.isArray(value)) expect(parsed?.value).toHaveLength(value.length);
  });

  it("may end its lines as on Windows and begin with a byte order mark", () => {
    for (const { command, form, printed, value } of SHOWN) {
      const parsed = parseOutput(command, `\uFEFF${printed.replaceAll(/\r?\n/g, "\r\n")}`);
      expect(parsed?.notUnderstood, `${command} ${form}`).toEqual([]);
      expect(parsed?.value, `${command} ${form}`).toMatchObject(value as object);
    }
  });

  it("names one line that it does not understand, with all the rest", () => {
    for (const { command, form, printed, value } of SHOWN) {
      const lines = printed.split("\n");
      // Where each line may be a name alone, any word is one.
      if (form === "-f") continue;
      // In a list of JSON the line would break the list; there it is before the list.
      const places = /^\s*\{/.test(printed) ? [0] : [lines.findLastIndex((line) => line.trim() !== "") + 1];
      for (const at of places) {
        const parsed = parseOutput(command, lines.toSpliced(at, 0, "unexpected").join("\n"));
        expect(parsed?.understood, `${command} ${form}`).toBe(true);
        expect(parsed?.value, `${command} ${form}`).toMatchObject(value as object);
        expect(
          parsed?.notUnderstood.map(({ line }) => line.trim()),
          `${command} ${form}`,
        ).toEqual(["unexpected"]);
      }
    }
  });
});

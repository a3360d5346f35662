import { SaxesParser } from "saxes";
import { DEFINITIONS } from "../core/limits.ts";
import { OutputNotUnderstood } from "../core/not-understood.ts";
import type { Stretches } from "../core/parts.ts";

/** What is told of an XML document while it is read. `within`: the names of the open elements, the outermost first. */
export interface XmlReader {
  opened(name: string, attributes: ReadonlyMap<string, string>, within: readonly string[]): void;
  /** Of the innermost open element, or of a part of it. */
  text(text: string, within: readonly string[]): void;
  closed(name: string, within: readonly string[]): void;
}

/** How deep elements are nested. */
const DEEPEST = DEFINITIONS.depth;
/** A stretch takes some milliseconds. */
const A_STRETCH = 32 * 1024;

/**
 * Reads one whole document. Throws an `OutputNotUnderstood` if it is not well-formed or is cut off, and if it has a document
 * type: with that, names could stand for other text.
 */
export function* readingXml(program: string, document: string, reader: XmlReader): Stretches<void> {
  const within: string[] = [];
  const refuse = (line: string, expected: string): never => {
    throw new OutputNotUnderstood(program, line, expected);
  };
  const parser = new SaxesParser({ position: true });
  parser.on("error", ({ message }) => {
    const why = message.replace(/^\d+:\d+: |\.$/g, "");
    refuse(lineAt(document, parser.line), `well-formed XML (${why})`);
  });
  parser.on("doctype", (doctype) => refuse(`<!DOCTYPE${doctype}`, "XML without a document type"));
  parser.on("opentag", ({ name, attributes }) => {
    if (within.length === DEEPEST) refuse(`<${name}`, `XML with at most ${DEEPEST} levels`);
    reader.opened(name, new Map(Object.entries(attributes)), within);
    within.push(name);
  });
  const text = (said: string) => reader.text(said, within);
  parser.on("text", text);
  parser.on("cdata", text);
  parser.on("closetag", ({ name }) => {
    within.pop();
    reader.closed(name, within);
  });
  for (let from = 0; from < document.length; from += A_STRETCH) {
    parser.write(document.slice(from, from + A_STRETCH));
    yield;
  }
  parser.close();
}

const lineAt = (document: string, line: number): string => document.split("\n", line)[line - 1]?.trim() ?? "";

import { longSentencesIn, violationsIn } from "./violations.ts";

/** `npm run words -- src/host commands`: what is to be rewritten there, comments last. */
const paths = process.argv.slice(2);
for (const [name, kinds] of [
  ["texts", ["text", "title"]],
  ["comments", ["comment"]],
] as const) {
  const found = paths.flatMap((path) => violationsIn(path, kinds));
  console.log(`${found.length} ${name}`);
  for (const each of found) console.log(each);
}
const long = paths.flatMap(longSentencesIn);
console.log(`${long.length} sentences of more than 20 words`);
for (const each of long) console.log(each);

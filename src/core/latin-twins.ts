/** Letters of other scripts, and the Latin letters with the same shape. */
export const latinTwins: Readonly<Record<string, string>> = {
  ...pairs("аеорсухіјѕԁԛԝһӏ", "aeopcyxijsdqwhl"),
  ...pairs("АВЕКМНОРСТУХІЈЅ", "ABEKMHOPCTYXIJS"),
  ...pairs("οαινρυχκτ", "oaivpuxkt"),
  ...pairs("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX"),
};

function pairs(letters: string, meant: string): Record<string, string> {
  return Object.fromEntries([...letters].map((letter, index) => [letter, meant[index] ?? letter]));
}

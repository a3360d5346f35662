import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { initWasm, Resvg } from "@resvg/resvg-wasm";

/** The picture is drawn at this scale, so that it is sharp when a person enlarges it. */
const ZOOM = 1.5;

const FONTS = ["dejavu-sans-latin-400-normal.woff2", "dejavu-sans-latin-700-normal.woff2"];

/** Kept, because making them takes longer than a picture. */
let made: Promise<readonly Uint8Array[]> | null = null;

/** An SVG as a PNG. Its words are in DejaVu Sans, which comes with the bot: a server often has no fonts. */
export async function pngOf(svg: string): Promise<Uint8Array> {
  made ??= start();
  const fontBuffers = await made;
  const picture = new Resvg(svg, {
    fitTo: { mode: "zoom", value: ZOOM },
    font: { fontBuffers: [...fontBuffers], defaultFontFamily: "DejaVu Sans", sansSerifFamily: "DejaVu Sans" },
  });
  const image = picture.render();
  const png = image.asPng();
  image.free();
  picture.free();
  return png;
}

async function start(): Promise<readonly Uint8Array[]> {
  const require = createRequire(import.meta.url);
  await initWasm(await readFile(require.resolve("@resvg/resvg-wasm/index_bg.wasm")));
  return Promise.all(FONTS.map((name) => readFile(require.resolve(`@fontsource/dejavu-sans/files/${name}`))));
}

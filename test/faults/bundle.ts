import { dirname, join, resolve } from "node:path";
import { build } from "vite";

const root = join(import.meta.dirname, "../..");

export interface Bundle {
  readonly bot: string;
  readonly disk: string;
  readonly oneSeed: string;
}

/** The bot and what runs one seed as one file each: a start takes a third of a second, not two. */
export async function bundleInto(directory: string): Promise<Bundle> {
  await build({
    configFile: false,
    logLevel: "error",
    root,
    publicDir: false,
    plugins: [
      {
        name: "native modules stay where they are",
        enforce: "pre",
        resolveId(id, importer) {
          if (id === "cpu-features" || id === "vite") return { id, external: true };
          if (!id.endsWith(".node") || importer === undefined) return null;
          return { id: resolve(dirname(importer), id), external: "absolute" };
        },
      },
    ],
    ssr: { noExternal: true },
    build: {
      ssr: true,
      target: "node20",
      outDir: directory,
      minify: false,
      rollupOptions: {
        input: {
          bot: join(root, "src/main.ts"),
          disk: join(root, "test/faults/full-disk.ts"),
          "one-seed": join(root, "test/faults/one-seed.ts"),
        },
        output: {
          entryFileNames: "[name].mjs",
          chunkFileNames: "[name]-[hash].mjs",
          banner: "const __dirname = import.meta.dirname; const __filename = import.meta.filename;",
        },
      },
    },
  });
  return {
    bot: join(directory, "bot.mjs"),
    disk: join(directory, "disk.mjs"),
    oneSeed: join(directory, "one-seed.mjs"),
  };
}

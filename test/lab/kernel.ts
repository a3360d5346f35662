import { cp, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { downloadKernel } from "./apt.ts";
import { runProgram } from "./program.ts";
import { kernelModules } from "./recipe.ts";

export interface Kernel {
  readonly image: string;
  /** The path of a module, after the paths of all modules that it needs: in the order in which they are loaded. */
  chainOf(module: string): readonly string[];
}

/** Unpacks Debian's kernel: the image, and the modules of the recipe. The modules go into the root directory too. */
export async function prepareKernel(work: string, root: string): Promise<Kernel> {
  await mkdir(work, { recursive: true });
  await downloadKernel(work);
  const archive = await only(work, /\.deb$/);
  const unpacked = join(work, "unpacked");
  await runProgram("dpkg-deb", ["-x", archive, unpacked]);
  await rm(archive);
  const modules = await only(join(unpacked, "lib/modules"), /./);
  const version = basename(modules);
  await runProgram("depmod", ["-b", unpacked, version]);
  const chainOf = chains(modules, await readFile(join(modules, "modules.dep"), "utf8"));
  const kept = join(root, "lib/modules", version);
  for (const path of new Set(kernelModules.flatMap(chainOf))) {
    const target = join(kept, path.slice(modules.length));
    await mkdir(dirname(target), { recursive: true });
    await cp(path, target);
  }
  for (const list of ["modules.builtin", "modules.builtin.modinfo", "modules.order"]) {
    await cp(join(modules, list), join(kept, list));
  }
  await runProgram("depmod", ["-b", root, version]);
  return { image: await only(join(unpacked, "boot"), /^vmlinuz-/), chainOf };
}

/** `kernel/fs/ext4/ext4.ko: kernel/lib/crc16.ko kernel/fs/mbcache.ko`: needed modules in the order to unload them. */
function chains(modules: string, dependencies: string): Kernel["chainOf"] {
  const byName = new Map(
    dependencies.split("\n").flatMap((line): [string, string[]][] => {
      const [path, ...needs] = line.split(/:? +|:$/).filter(Boolean);
      return path === undefined ? [] : [[nameOf(path), [path, ...needs]]];
    }),
  );
  return (module) => {
    const chain = byName.get(module);
    if (chain === undefined) throw new Error(`Debian's kernel has no module ${module}`);
    return chain.toReversed().map((path) => join(modules, path));
  };
}

/** Names of files have dashes or underscores. */
const nameOf = (path: string): string =>
  basename(path)
    .replace(/\.ko.*$/, "")
    .replaceAll("-", "_");

async function only(directory: string, pattern: RegExp): Promise<string> {
  const names = (await readdir(directory)).filter((name) => pattern.test(name));
  const [name] = names;
  if (name === undefined || names.length > 1) throw new Error(`${directory} holds ${names.join(", ") || "nothing"}`);
  return join(directory, name);
}

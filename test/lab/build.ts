import { copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeInitrd } from "./initrd.ts";
import { prepareKernel } from "./kernel.ts";
import { fillLuns } from "./lun-contents.ts";
import { ensurePackages } from "./packages.ts";
import { buildDirectory, type Image, imageDirectory, imageIn } from "./places.ts";
import { runProgram } from "./program.ts";
import { recipeHash } from "./recipe.ts";
import { debootstrapRoot, writeRootImage } from "./root-image.ts";

/** The kept image. It is built first if there is none of this recipe. */
export async function ensureImage(report: (line: string) => void): Promise<Image> {
  await ensurePackages(report);
  const kept = imageIn(imageDirectory);
  const recipe = await recipeHash();
  if ((await readFile(kept.recipe, "utf8").catch(() => null)) === recipe) return kept;
  await rm(buildDirectory, { recursive: true, force: true });
  const work = join(buildDirectory, "work");
  const root = join(work, "root");
  const finished = join(buildDirectory, "image");
  const image = imageIn(finished);
  await mkdir(work, { recursive: true });
  await mkdir(finished);
  report("building the guests' root file system from Debian's packages");
  await runProgram("apt-get", ["update", "--quiet"]);
  await debootstrapRoot(root);
  report("unpacking the kernel");
  const kernel = await prepareKernel(join(work, "kernel"), root);
  await copyFile(kernel.image, image.kernel);
  await writeInitrd(image.initrd, kernel);
  report("writing the root image");
  await writeRootImage(image.root, root);
  report("filling the LUNs");
  await fillLuns(image, work);
  await writeFile(image.recipe, recipe);
  await rm(imageDirectory, { recursive: true, force: true });
  await rename(finished, imageDirectory);
  await rm(buildDirectory, { recursive: true, force: true });
  return kept;
}

import { runProgram } from "./program.ts";
import { suite } from "./recipe.ts";

/** The mirror of Debian that apt uses on this computer, and its proxy. */
export async function debianMirror(): Promise<{ readonly mirror: string; readonly env: NodeJS.ProcessEnv }> {
  const format = "$(REPO_URI)\t$(RELEASE)\t$(COMPONENT)\t$(CREATED_BY)";
  const targets = await runProgram("apt-get", ["indextargets", "--format", format]);
  const main = targets
    .split("\n")
    .map((line) => line.split("\t"))
    .find(([, release, component, kind]) => release === suite && component === "main" && kind === "Packages");
  if (main?.[0] === undefined)
    throw new Error(`apt knows no mirror of Debian ${suite} main: see /etc/apt/sources.list`);
  const proxy = /^PROXY='(.*)'$/m.exec(await runProgram("apt-config", ["shell", "PROXY", "Acquire::http::Proxy"]))?.[1];
  // Debian's cloud images name a list of mirrors, which debootstrap does not know.
  const mirror = /^(https?|file):/.test(main[0]) ? main[0] : "http://deb.debian.org/debian";
  return { mirror, env: proxy ? { ...process.env, http_proxy: proxy } : process.env };
}

/** Downloads the newest kernel package into a directory. The directory then holds only that file. */
export async function downloadKernel(directory: string): Promise<void> {
  const depends = await runProgram("apt-cache", ["depends", "linux-image-amd64"]);
  const name = /Depends: (linux-image-\S+-amd64)/.exec(depends)?.[1];
  if (name === undefined) throw new Error("apt knows no linux-image-amd64: run apt-get update");
  await runProgram("apt-get", ["download", name, "-o", "APT::Sandbox::User=root"], { cwd: directory });
}

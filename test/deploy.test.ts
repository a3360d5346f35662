import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT_HELPER } from "../src/host/root-helper/installed.ts";

const root = join(import.meta.dirname, "..");
const textOf = (name: string) => readFileSync(join(root, name), "utf8");

describe("deploy/Containerfile", () => {
  const lines = textOf("deploy/Containerfile").split("\n");
  const wordsOf = (instruction: string) =>
    lines.filter((line) => line.startsWith(`${instruction} `)).map((line) => line.split(/\s+/).slice(1));

  it("copies only files that exist and that .containerignore lets in", () => {
    const copied = wordsOf("COPY").flatMap((words) => (words[0]?.startsWith("--from=") ? [] : words.slice(0, -1)));
    expect(copied.length).toBeGreaterThan(3);
    for (const path of copied) expect(existsSync(join(root, path)), path).toBe(true);
    const letIn = textOf(".containerignore").match(/(?<=^!).+$/gm);
    expect(letIn?.toSorted()).toEqual(copied.toSorted());
  });

  it("runs the program that npm run build writes, not as root, on a pinned base", () => {
    const from = wordsOf("COPY").find(([first]) => first?.startsWith("--from="));
    const bin: string = JSON.parse(textOf("package.json")).bin["zstack-chatops"];
    expect(from).toEqual(["--from=build", "/build/dist", "/opt/zstack-chatops"]);
    expect(wordsOf("ENTRYPOINT").join()).toContain(bin.replace("dist", "/opt/zstack-chatops"));
    expect(wordsOf("USER")).toEqual([["node"]]);
    for (const [base] of wordsOf("FROM")) expect(base).toMatch(/:\d+\.\d+\.\d+-/);
  });
});

describe("deploy/zstack-chatops.service", () => {
  const unit = textOf("deploy/zstack-chatops.service");

  it("starts the program of package.json, with a data folder that only its user can read", () => {
    const { bin } = JSON.parse(textOf("package.json"));
    expect(unit).toContain(`ExecStart=/usr/local/bin/${Object.keys(bin)[0]} start\n`);
    expect(unit).toContain("StateDirectoryMode=0700\n");
    expect(unit).toContain("EnvironmentFile=");
  });
});

describe("deploy/zstack-chatops.sudoers", () => {
  const lines = textOf("deploy/zstack-chatops.sudoers").split("\n");

  it("allows the root helper alone, as root and without arguments", () => {
    const rules = lines.filter((line) => line !== "" && !line.startsWith("#") && !line.startsWith("Defaults"));
    expect(rules).toEqual([`zstack-chatops ALL=(root) NOPASSWD: ${ROOT_HELPER} ""`]);
  });

  it("is in the package with the root helper, which is executable", () => {
    const { files } = JSON.parse(textOf("package.json"));
    for (const name of ["zstack-chatops-run", "zstack-chatops.sudoers"]) expect(files).toContain(`deploy/${name}`);
    expect(statSync(join(root, "deploy/zstack-chatops-run")).mode & 0o111).toBe(0o111);
  });
});

import { describe, expect, it } from "vitest";
import { answerProblem, errorProblem } from "../../src/monitoring/push-problem.ts";

const failed = (code: string, message: string) =>
  new TypeError("fetch failed", { cause: Object.assign(new Error(message), { code }) });

describe("why alerts could not be sent", () => {
  it.each([
    [500, "no room", "it answered 500: no room", false],
    [429, "", "it answered 429", false],
    [400, '"invalid label"\n', 'it answered 400: "invalid label"', true],
    [400, "x".repeat(9_999), `it answered 400: ${"x".repeat(200)}`, true],
    [301, "<html>", "it redirects (301). Fix: set ALERTMANAGER_URL to the address to which it leads", true],
    [401, "", "it answered 401. Fix: set ALERTMANAGER_URL to http://USER:PASSWORD@HOST", true],
    [404, "no page", expect.stringMatching(/^it answered 404: no page\. Fix: .*--web\.route-prefix$/), true],
    [500, "no key a-secret-path here", "it answered 500", false],
  ])("is the answer %i %s", (status, answer, text, isFinal) => {
    expect(answerProblem(status, answer, ["a-secret-path"])).toEqual({ kind: String(status), text, isFinal });
  });

  it.each([
    [failed("ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:9093"), "connect ECONNREFUSED 127.0.0.1:9093"],
    [
      // A name with an IPv4 and an IPv6 address: Node tries both, and its own words are empty.
      new TypeError("fetch failed", {
        cause: new AggregateError([new Error("connect ECONNREFUSED ::1:9093"), new Error("127.0.0.1")]),
      }),
      "connect ECONNREFUSED ::1:9093",
    ],
    [failed("ERR_SSL_WRONG_VERSION_NUMBER", "80BC:error:0A00"), /^it does not use TLS\. Fix: .*http:/],
    [
      failed("SELF_SIGNED_CERT_IN_CHAIN", "self-signed certificate"),
      /^self-signed certificate\. Fix: .*EXTRA_CA_CERTS/,
    ],
    [failed("EPIPE", ""), "EPIPE"],
    [new DOMException("The operation was aborted due to timeout", "TimeoutError"), "no answer in 10 s"],
    [new TypeError("bad port"), "bad port"],
    ["odd", "odd"],
  ])("is the error %s", (error, text) => {
    expect(errorProblem(error, 10_000)).toMatchObject({
      text: typeof text === "string" ? text : expect.stringMatching(text),
      isFinal: false,
    });
  });
});

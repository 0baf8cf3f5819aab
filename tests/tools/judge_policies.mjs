// Holds each content policy of a list against Google's evaluator and prints what it found: node judge_policies.mjs < policies.json
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { CspEvaluator } = require("csp_evaluator/dist/evaluator.js");
const { CspParser } = require("csp_evaluator/dist/parser.js");

const policies = JSON.parse(readFileSync(0, "utf-8"));
const found = policies.map((policy) =>
  new CspEvaluator(new CspParser(policy).csp).evaluate().map(({ directive, severity, description }) => ({ directive, severity, description })),
);
console.log(JSON.stringify(found));

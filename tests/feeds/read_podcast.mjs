// Reads a podcast feed with podcast-partytime and prints what it found: node read_podcast.mjs <partytime's main> <file>
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [main, file] = process.argv.slice(2);
const found = await import(pathToFileURL(main));
const parse = found.parseFeed ?? found.default.parseFeed;
console.log(JSON.stringify(parse(readFileSync(file, "utf8"), { allowMissingGuid: false })));

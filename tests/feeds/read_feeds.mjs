// Reads the feeds named on the command line with feedsmith and says what it found, as JSON.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [, , feedsmith, ...files] = process.argv;
const { parseFeed } = await import(pathToFileURL(feedsmith).href);
const found = files.map((file) => {
  const { format, feed } = parseFeed(readFileSync(file, 'utf8'));
  const items = feed.items ?? feed.entries ?? [];
  return { format, items: items.map((item) => ({ id: item.id ?? item.guid?.value, authors: item.authors ?? item.dc?.creators })) };
});
console.log(JSON.stringify(found));

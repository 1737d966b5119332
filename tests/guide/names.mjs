// Prints, as JSON, the names that the page reads from files given as base64 on standard input, or why it reads none.
import { readFileSync } from "node:fs";

const { readNames, textOf } = await import(`${process.argv[2]}/engine/names.js`);

const read = (file) => {
  try { return readNames(textOf(Buffer.from(file, "base64"))); } catch (error) { return error.message; }
};
console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(read)));

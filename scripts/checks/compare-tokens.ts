/** Compares ids with those that odd_texts.py wrote: `node --import tsx scripts/checks/compare-tokens.ts FOLDER`. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { AutoTokenizer } from "../../lib/data/tokenizer/tokenizer";

async function main(folder: string): Promise<void> {
  const texts = JSON.parse(readFileSync(join(folder, "texts.json"), "utf8")) as string[];
  for (const name of readdirSync(folder).filter((entry) => statSync(join(folder, entry)).isDirectory())) {
    const tokenizer = await AutoTokenizer.fromPretrained(join(folder, name));
    const expected = readFileSync(join(folder, name, "ids.jsonl"), "utf8").split("\n");
    const wrong = texts.filter((text, i) => {
      const ids = tokenizer(text).inputIds[0] as number[];
      return `[${ids.join(", ")}]` !== expected[i];
    });
    // A code point alone names itself; a mix is shown whole.
    const codes = wrong.filter((text) => [...text].length === 1).map((text) => text.codePointAt(0)?.toString(16));
    console.log(`${name}: ${wrong.length} of ${texts.length} texts differ`);
    console.log(`  alone: ${codes.length} ${codes.join(" ")}`);
    console.log(
      `  others: ${wrong
        .filter((text) => [...text].length !== 1)
        .slice(0, 8)
        .map((text) => JSON.stringify(text))}`,
    );
  }
}

void main(process.argv[2] as string);

/** Runs one batch; writes the number of each case into a file before it is read, and tells the parent its findings. */
import { openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type Batch, runCases } from "./cases";

const [batch = "", folder = ""] = process.argv.slice(2);
const progress = openSync(join(folder, "progress"), "w");
const note = (number: number): void => void writeSync(progress, `${number}`.padEnd(12), 0);
runCases(JSON.parse(batch) as Batch, join(folder, "cases"), note).then((findings) => process.send?.(findings));

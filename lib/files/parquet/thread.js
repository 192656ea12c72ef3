/** The thread that reads a Parquet file: see `readParquet`. Plain JavaScript, since a thread of Node 20 takes nothing else. */
const { readFileSync } = require("node:fs");
const { parentPort, workerData } = require("node:worker_threads");
const { parquetMetadataAsync, parquetReadObjects, parquetSchema } = require("hyparquet");
const { compressors } = require("hyparquet-compressors");

/** @param {import("./parquet").ParquetMessage} message */
const say = (message) => parentPort?.postMessage(message);

/** @returns {Promise<import("./parquet").ParquetContent>} */
async function read() {
  const bytes = readFileSync(workerData);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const metadata = await parquetMetadataAsync(file);
  const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
  const rows = await parquetReadObjects({ file, metadata, compressors });
  const notes = metadata.key_value_metadata?.find(({ key }) => key === "huggingface")?.value;
  return { columns, rows, notes };
}

say("begun");
read().then(say, (error) => say({ problem: error instanceof Error ? error.message : String(error) }));

/** Event files for TensorBoard. */
import { mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { appendFileWhole } from "../files/atomic";
import { snakeCase } from "../files/json";
import type { TrainerCallback, TrainerEvent } from "../train/callbacks";

// Written by hand, since tf.node.summaryFileWriter keeps a file open for each folder name until the process ends:
// a second run of a notebook would write into the file of the first, which was moved aside.
// An event file is a sequence of TFRecords, each a protocol buffer `tensorflow.Event`:
// wall_time = 1 (double), step = 2 (int64), file_version = 3 (string), summary = 5 { value = 1 { tag = 1, simple_value = 2 } }.

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc >>> 0;
});

/** The CRC-32C checksum of bytes, masked as in TFRecord files. */
export function maskedCrc(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = ((CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)) >>> 0;
  crc = (crc ^ 0xffffffff) >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}

function delimited(field: number, content: Uint8Array): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(content.length), content]);
}

function double(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes.writeUInt8(field * 8 + 1, 0);
  bytes.writeDoubleLE(value, 1);
  return bytes;
}

function float(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.writeUInt8(field * 8 + 5, 0);
  bytes.writeFloatLE(value, 1);
  return bytes;
}

function record(event: Buffer): Buffer {
  const length = Buffer.alloc(12);
  length.writeBigUInt64LE(BigInt(event.length), 0);
  length.writeUInt32LE(maskedCrc(length.subarray(0, 8)), 8);
  const check = Buffer.alloc(4);
  check.writeUInt32LE(maskedCrc(event), 0);
  return Buffer.concat([length, event, check]);
}

/** The name that Hugging Face's Trainer gives to TensorBoard: `train/loss`, `eval/accuracy`. */
function tagOf(key: string): string {
  const snake = snakeCase(key);
  return snake.startsWith("eval_") ? `eval/${snake.slice(5)}` : `train/${snake}`;
}

/** Writes what a trainer logs to an event file, which TensorBoard can read while it grows. */
export class TensorBoardCallback implements TrainerCallback {
  readonly #file: string;

  /** @param folder TensorBoard's log folder; created if missing */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    const seconds = Math.floor(Date.now() / 1000);
    this.#file = join(folder, `events.out.tfevents.${seconds}.${hostname()}.${process.pid}`);
    const version = Buffer.concat([double(1, Date.now() / 1000), delimited(3, Buffer.from("brain.Event:2"))]);
    appendFileWhole(this.#file, record(version));
  }

  onLog({ logs }: TrainerEvent): void {
    if (!logs) return;
    const { step, ...scalars } = logs;
    const values = Object.entries(scalars).map(([key, value]) =>
      delimited(1, Buffer.concat([delimited(1, Buffer.from(tagOf(key))), float(2, value)])),
    );
    const head = [double(1, Date.now() / 1000), Buffer.concat([varint(16), varint(step)])];
    appendFileWhole(this.#file, record(Buffer.concat([...head, delimited(5, Buffer.concat(values))])));
  }
}

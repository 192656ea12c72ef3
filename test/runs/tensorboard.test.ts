import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openRun } from "../../lib/runs/run";
import { maskedCrc, TensorBoardCallback } from "../../lib/runs/tensorboard";
import type { TrainerEvent } from "../../lib/train/callbacks";
import { temporaryFolder } from "../support/folders";

test("checksums are CRC-32C, masked as TFRecord wants them", () => {
  // CRC-32C of "123456789" is 0xe3069283 (RFC 3720, B.4 uses the same polynomial); masked: rotate right by 15, add 0xa282ead8.
  const crc = 0xe3069283;
  const masked = (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
  assert.equal(maskedCrc(Buffer.from("123456789")), masked);
});

test("each log entry of a trainer becomes a record of the event file", () => {
  const folder = temporaryFolder();
  const board = new TensorBoardCallback(join(folder, "tensorboard"));
  board.onLog({ logs: { step: 300, epoch: 1, loss: 0.5, evalAccuracy: 0.75 } } as unknown as TrainerEvent);
  const [name = ""] = readdirSync(join(folder, "tensorboard"));
  assert.match(name, /^events\.out\.tfevents\.\d+\./);
  const bytes = readFileSync(join(folder, "tensorboard", name));
  const records: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    assert.equal(bytes.readUInt32LE(at + 8), maskedCrc(bytes.subarray(at, at + 8)));
    const content = bytes.subarray(at + 12, at + 12 + length);
    assert.equal(bytes.readUInt32LE(at + 12 + length), maskedCrc(content));
    records.push(content);
    at += 16 + length;
  }
  assert.equal(records.length, 2);
  assert.match(String(records[0]), /brain\.Event:2/);
  assert.match(String(records[1]), /train\/loss/);
  assert.match(String(records[1]), /eval\/accuracy/);
  // step = 2 (field 2, varint): 300 is 0xac 0x02
  assert.ok(records[1]?.includes(Buffer.from([0x10, 0xac, 0x02])));
});

test("a run writes an event file where that is asked for, and none otherwise", async () => {
  const writers = async (tensorboard: boolean): Promise<number> => {
    const run = await openRun({ demo: true, tensorboard, out: temporaryFolder() });
    return run.callbacks.filter((callback) => callback instanceof TensorBoardCallback).length;
  };
  assert.deepEqual([await writers(true), await writers(false)], [1, 0]);
});

/** The table of PEFT's fields: every one works, changes nothing, or is refused with its reason. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { snakeCase } from "../../lib/files/json";
import { fromAdapterConfig } from "../../lib/lora/adapter-config";
import { LoraConfig } from "../../lib/lora/config";
import { fieldTable, LORA_OPTIONS, REFUSED, WITHOUT_EFFECT } from "../../lib/lora/fields";
import { readFixture } from "../support/golden";

const works = Object.keys(LORA_OPTIONS).map(snakeCase);

test("the list has every field of LoraConfig in PEFT 0.21.2, each once", () => {
  const listed = [...works, ...Object.keys(WITHOUT_EFFECT), ...Object.keys(REFUSED)];
  assert.deepEqual(listed.sort(), readFixture<string[]>("lora", "fields.json"));
});

test("docs/peft.md has the table that the list gives", () => {
  assert.ok(
    readFileSync("docs/peft.md", "utf8").includes(fieldTable()),
    `put this into docs/peft.md:\n${fieldTable()}`,
  );
});

for (const [name, why] of Object.entries(REFUSED)) {
  test(`${name} is refused by name and with its reason, in a file and in code`, () => {
    const expected = (error: Error): boolean => error.message.includes(`\`${name}\``) && error.message.includes(why);
    assert.throws(() => fromAdapterConfig({ peft_type: "LORA", [name]: { x: 1 } }, "adapter_config.json"), expected);
    assert.throws(() => new LoraConfig({ [name]: true } as object), expected);
  });
}

test("an error about a file has the file's names", () => {
  const read = (fields: object) => (): unknown =>
    fromAdapterConfig({ peft_type: "LORA", ...fields } as never, "adapter_config.json");
  assert.throws(read({ lora_alpha: "8" }), /adapter_config\.json: `lora_alpha`: expected a number, got '8'/);
  assert.throws(read({ target_modules: "(" }), /adapter_config\.json/);
  assert.throws(read({ layers_pattern: "layer" }), /`layers_pattern`: expected `layers_to_transform` beside it/);
});

test("alpha may be any finite number, as in PEFT", () => {
  assert.equal(new LoraConfig({ r: 4, loraAlpha: -2 }).scalingOf("x"), -0.5);
  assert.equal(new LoraConfig({ loraAlpha: 0, alphaPattern: { x: -8 } }).scalingOf("a.x"), -1);
  assert.throws(() => new LoraConfig({ loraAlpha: Number.NaN }), /`loraAlpha`: expected a finite number, got NaN/);
});

test("a bias of B goes with PEFT's own first values, and not with DoRA", () => {
  assert.throws(
    () => new LoraConfig({ loraBias: true, initLoraWeights: "gaussian" }),
    /`initLoraWeights`.*beside `loraBias`/,
  );
  assert.throws(
    () => new LoraConfig({ loraBias: true, useDora: true }),
    /`loraBias`: expected no bias of B beside `useDora`/,
  );
});

/** What Shift-Tab tells of a name. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { KernelClient } from "../support/kernel";

test("of a name of the library are told what it is and its options, each with its default", {
  timeout: 60_000,
}, async (context) => {
  const kernel = await KernelClient.start(context);
  await kernel.run('import { LoraConfig, show, Trainer, type TrainingArguments } from "../dist";');
  const help = async (code: string, at: string): Promise<string> => {
    const { data } = await kernel.ask("inspect_request", { code, cursor_pos: code.indexOf(at) + 1 });
    return (data as Record<string, string>)["text/plain"] ?? "";
  };
  const rank = "\n  r?: number\n      Rank of the two matrices (default 8).";
  const config = await help("LoraConfig", "Lora");
  assert.ok(config.startsWith("class LoraConfig\n\nA LoRA adapter's settings"), config);
  assert.ok(config.includes(rank), config);
  const made = await help("new LoraConfig({ r: 4 })", "Lora");
  assert.match(made, /^new LoraConfig\(options\?: LoraOptions\): LoraConfig\n\nA LoRA adapter's settings/);
  assert.ok(made.includes(rank), made);
  assert.match(await help("new LoraConfig({ r: 4 })", "r: 4"), /LoraOptions\.r\?: number\n\nRank .*\(default 8\)/);
  for (const unfinished of ["new LoraConfig(", "new LoraConfig({ r: 8, ", "show(new LoraConfig({ "]) {
    const { data } = await kernel.ask("inspect_request", { code: unfinished, cursor_pos: unfinished.length });
    assert.ok(JSON.stringify(data).includes("Rank of the two"), unfinished);
  }
  const trainer = await help("Trainer", "Tr");
  for (const word of ["TrainerOptions:", "callbacks?:", "TrainingArguments:", "(default 5e-5)"]) {
    assert.ok(trainer.includes(word), `${word} in ${trainer}`);
  }
  const [told = "", example = ""] = trainer.split("\n\nExample:\n");
  assert.doesNotMatch(told, /\n\w+Classifier:|import|```/);
  assert.match(example, /^import .*\n\n(.*\n)*const trainer = new Trainer\(\{/);
  assert.match(await help("let a: TrainingArguments;", "Tr"), /\n {2}seed\?: number\n {6}.*\(default 42\)/);
  const shown = await help("show(1)", "sh");
  assert.match(
    shown,
    /^show\(value: unknown.*\n\nShows a dataset.*ShowOptions:\n {2}rows\?: number\n {6}Rows.*default 5/s,
  );
  assert.equal(await help("const n = 1;\nn", "n ="), "const n: 1");
});

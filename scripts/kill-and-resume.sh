#!/bin/sh
# Kills a training run of 400 steps, with a checkpoint every 25, at ten random moments; KILL_SEED repeats a choice of them.
cd "$(dirname "$0")/.." || exit 1
KILLS="${KILLS:-10}" KILL_EPOCHS=100 KILL_SAVE_STEPS=25 exec node --import tsx --test test/train/kill.test.ts

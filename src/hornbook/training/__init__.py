"""Batches, schedules, the one loop, checkpoints and the doctor."""

"""One thread for all tests: two that wait for each other on a busy machine take many times as long as one."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

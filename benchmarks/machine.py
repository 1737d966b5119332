"""The machine a benchmark ran on, in one line, and seconds of CPU time."""

import os
import platform
import time
from pathlib import Path


def machine():
    """Processor, cores, system, Python."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    processor, system = (names or [platform.processor()])[0], f"{platform.system()} {platform.machine()}"
    return f"{processor}, {os.cpu_count()} cores, {system}, Python {platform.python_version()}"


def timed(call):
    """What `call` returns, and the CPU seconds of this process that it took."""
    start = time.process_time()
    return call(), time.process_time() - start

"""The guide: training steps a second in Chromium and under Node, the first second of the page, and its size.

    python benchmarks/guide.py [--rounds 5] [--steps 5000] [--json]

Steps are timed by the CPU time of the thread that takes them: in one go, and in slices as the page takes them. By the
clock other programs have their share. Of all rounds the best and the median are given. Needs `chromium` and `node` on
the PATH, and Playwright for Python; what is missing is left out.
"""

import argparse
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from statistics import median

import hornbook
from machine import machine

JS = Path(hornbook.__file__).parent / "guide" / "js"
LONG = "{...modules['engine/config.js'].CONFIG, steps: 1e9}"  # so that the learning rate never ends
BEGIN = f"""
const {{ Trainer, begin }} = modules["engine/trainer.js"];
const data = JSON.parse(document.getElementById("data").textContent);
window.trainer = new Trainer(begin(modules["engine/names.js"].listOf(data), {LONG}));
"""
NODE = """
import { readFileSync } from "node:fs";
const { Trainer, begin } = await import(`${process.argv[2]}/engine/trainer.js`);
const { names, rounds, steps } = JSON.parse(readFileSync(0, "utf8")), times = [];
const trainer = new Trainer(begin(names, { steps: 1e9 }));
for (let round = 0; round < rounds; round++) {
  const before = process.cpuUsage();
  for (let i = 0; i < steps; i++) trainer.step();
  const { user, system } = process.cpuUsage(before);
  times.push((user + system) / 1e6);
}
console.log(JSON.stringify(times));
"""


def main():
    options = parse()
    report = {"machine": machine(), **size()}
    if shutil.which("node"):
        report |= rates("node.cpu", node(options.rounds, options.steps), options.steps)
    if shutil.which("chromium"):
        report |= chromium(options.rounds, options.steps)
    print(json.dumps(report, indent=1)) if options.json else show(report)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=5000, help="steps a round")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def size():
    from hornbook.guide.assemble import assemble, script

    return {"page.kilobytes": len(assemble().encode()) / 1000, "script.kilobytes": len(script().encode()) / 1000}


def rates(label, seconds, steps):
    """Steps a second of the best and of the middle round."""
    return {f"{label}.steps_per_second": steps / min(seconds), f"{label}.median": steps / median(seconds)}


def node(rounds, steps):
    """CPU seconds of each round under Node."""
    from hornbook.guide.facts import packaged_names

    given = json.dumps({"names": packaged_names(), "rounds": rounds, "steps": steps})
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "train.mjs")
        script.write_text(NODE, encoding="utf-8")
        done = subprocess.run(["node", script, JS.as_uri()], input=given, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def chromium(rounds, steps):
    """The page as people open it: from a file, headless."""
    from playwright.sync_api import sync_playwright

    from hornbook.guide.assemble import assemble

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder, "guide.html")
        path.write_text(assemble(), encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        report = opening(browser, path.as_uri(), rounds)
        page = browser.new_page()
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready]")
        report["chromium"] = browser.version
        page.evaluate(f"() => {{ {BEGIN} }}")
        report |= rates("chromium.cpu", [cpu(page, f"for (let i = 0; i < {steps}; i++) trainer.step()")
                                         for _ in range(rounds)], steps)  # fmt: skip
        in_slices = [cpu(page, f"await trainer.run({steps})") for _ in range(rounds)]
        report |= rates("chromium.cpu_in_slices", in_slices, steps)
        report |= sliced(page, rounds, steps)
        browser.close()
    return report


def cpu(page, work):
    """CPU seconds of the page's main thread."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def now():
        return {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}["TaskDuration"]

    before = now()
    page.evaluate(f"async () => {{ {work} }}")
    return now() - before


def sliced(page, rounds, steps):
    """By the clock, through the page's own slices; and the longest time that the page did not answer meanwhile."""
    clock = f"""async () => {{
      let longest = 0, last = performance.now(), going = true;
      const watch = () => {{ const now = performance.now(); longest = Math.max(longest, now - last); last = now; if (going) setTimeout(watch); }};
      watch();
      const began = performance.now();
      await trainer.run({steps});
      going = false;
      return [(performance.now() - began) / 1000, longest];
    }}"""  # noqa: E501
    found = [page.evaluate(clock) for _ in range(rounds)]
    return rates("chromium.clock_in_slices", [seconds for seconds, _ in found], steps) | {
        "chromium.longest_silence_ms.median": median(longest for _, longest in found)
    }


def opening(browser, address, rounds):
    """Milliseconds until the first section can be used, and until the badge is green."""
    first, green = [], []
    for _ in range(rounds):
        page = browser.new_page()
        page.goto(address)
        page.wait_for_selector("html[data-ready]")
        first.append(page.evaluate("performance.getEntriesByName('mounted tokenizer')[0].startTime"))
        green.append(page.evaluate("performance.now()"))
        page.close()
    return {"chromium.first_section_ms": min(first), "chromium.first_section_ms.median": median(first),
            "chromium.badge_ms.median": median(green)}  # fmt: skip


def show(report):
    for label, value in report.items():
        print(f"{label:<40} {value if isinstance(value, str) else f'{value:,.1f}'}")


if __name__ == "__main__":
    main()

"""A headless Chromium that is used with the keyboard; for scripts of the lab. Exits with 77 where it is not installed
(Debian: chromium-driver, python3-selenium)."""
import base64, os, pathlib, sys, time
try:
    from selenium import webdriver
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.chrome.service import Service
except ImportError:
    sys.exit(77)
if not os.path.exists("/usr/bin/chromedriver"):
    sys.exit(77)


def axe():
    """The text of axe-core, which Tests/run installs; None where it is not there."""
    path = pathlib.Path(__file__).resolve().parents[2] / ".build/axe/axe_playwright_python/axe.min.js"
    return path.read_text() if path.exists() else None


class Browser:
    """What is wrong is collected in `wrong`: one line for each."""

    def __init__(self):
        options = webdriver.ChromeOptions()
        for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                         "--disable-dev-shm-usage",
                         # Whatever asked for something beyond this machine is told that there is nothing.
                         "--proxy-server=127.0.0.1:9"]:
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.run = self.driver.execute_script
        self.wrong = []
        # Words of the console's lines that are no fault.
        self.expected = []

    def demand(self, condition, words):
        if not condition:
            self.wrong.append(words)

    def wait(self, limit, words, script, *arguments):
        """Until the script's value is true; that value."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            if value := self.run(script, *arguments):
                return value
            time.sleep(0.05)
        self.wrong.append(f"{words}: not within {limit} s")

    def open(self, address, width=1280, height=900):
        self.driver.set_window_size(width, height)
        self.driver.get(address)

    def press(self, *keys):
        for key in keys:
            self.driver.switch_to.active_element.send_keys(key)

    def tab_to(self, selector):
        """With the Tab key alone, from the top of the page; None where it cannot be reached."""
        self.run("document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')")
        for _ in range(200):
            webdriver.ActionChains(self.driver).send_keys(Keys.TAB).perform()
            if self.run("return document.activeElement.matches(arguments[0])", selector):
                return self.driver.switch_to.active_element
            if self.run("return document.activeElement === document.body"):
                return None
        return None

    def colours(self, scheme):
        """As a person prefers them: light or dark."""
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def demand_access(self, words):
        """That axe-core finds no fault in the page, by all of its rules."""
        self.run(axe())
        faults, passed = self.driver.execute_async_script("""
            const done = arguments[0];
            axe.run().then(
                found => done([found.violations.map(fault => [fault.id, fault.help, fault.nodes.map(node => node.html)]),
                               found.passes.length]),
                error => done([[["axe", String(error), []]], 0]))""")
        self.demand(passed > 10, f"{words}: axe has looked at nothing")
        for rule, text, places in faults:
            self.wrong.append(f"{words}: {rule}: {text}: {len(places)}x, such as {' '.join(places[:1])[:300]}")

    def picture(self, path):
        path.write_bytes(base64.b64decode(
            self.driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})["data"]))

    def paper(self, path):
        path.write_bytes(base64.b64decode(self.driver.execute_cdp_cmd("Page.printToPDF", {})["data"]))

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        """Says what is wrong, the console's lines among it, and exits."""
        for entry in self.driver.get_log("browser"):
            if not any(words in entry["message"] for words in self.expected):
                self.wrong.append(f"console: {entry['level']}: {entry['message']}")
        self.driver.quit()
        for words in self.wrong:
            print(words, file=sys.stderr)
        if kind is None:
            sys.exit(1 if self.wrong else 0)

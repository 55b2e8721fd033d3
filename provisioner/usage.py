"""How the command line explains itself: wrong words with what may be meant, examples, exit codes."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

EXIT_CODES = """exit codes: 0 done or nothing to do; 1 problems in the files, or a change failed or is in doubt;
2 changes are pending (drift, and plan and compare where asked), or a group is late (lag, where asked);
3 something was refused; 4 something could not be reached or is not known; 64 usage"""

EXAMPLES: Mapping[str, str] = {
    "validate": """
  provisioner validate                                    everything wrong in topics/
  provisioner validate --verbose --output json            what the files accept too, for programs""",
    "plan": """
  provisioner plan                                        every cluster
  provisioner plan --cluster prod --base origin/main      what a merge request changes
  provisioner plan --cluster prod --out plan.json         a file to review and to apply
  provisioner plan --cluster prod --sandbox               against brokers of your own""",
    "apply": """
  provisioner apply --cluster prod                        shows the plan and asks
  provisioner apply --cluster prod --plan plan.json --yes what was reviewed, in a pipeline
  provisioner apply --cluster prod --lane alerts --yes    the alerts alone""",
    "replicas": """
  provisioner replicas status --cluster prod              what is being copied, what waits and why
  provisioner replicas continue --cluster prod            the next wave of what is approved; for a schedule
  provisioner replicas pause --cluster prod --for 8h      no new wave, by nobody; what runs goes on
  provisioner replicas cancel --cluster prod --topic 'orders.*'   put back what runs, begin no more of it""",
    "drift": """
  provisioner drift                                       every cluster
  provisioner drift --cluster prod --output json          for programs
  provisioner drift --cluster prod --adopt --print        a hand fix, as a diff of the files
  provisioner drift --cluster prod --since 24h            what was applied, whose merge request, by whom""",
    "lag": """
  provisioner lag --cluster prod                          every group and topic, worst first
  provisioner lag orders.v1                               one topic, partition by partition
  provisioner lag --team payments                         what calls one team
  provisioner lag --group billing --output json           for programs""",
    "import": """
  provisioner import --cluster prod --team payments --match 'payments.*'
  provisioner import --cluster prod --team platform --group-by prefix""",
    "render": """
  provisioner render --out rendered                       rule files and dashboards of every cluster""",
    "compare": """
  provisioner compare before after                        two folders of `render --out`, a line a template
  provisioner compare before after --verbose              with an example of each change, as a diff
  provisioner compare before after --detailed-exitcode    2 if they differ""",
    "note": """
  provisioner note --plan plan-*.json                     every cluster; one without a plan file is not planned
  provisioner note topics --plan prod.json --expect prod  one of them""",
    "issue": """
  provisioner issue --drift drift-*.json                  the text alone
  provisioner issue topics --drift drift-*.json --post    in a scheduled job: made, updated or closed""",
    "owners": """
  provisioner owners                                      what CODEOWNERS should say; exit 2 where it does not
  provisioner owners --write                              bring it in step""",
    "schema": """
  provisioner schema topics                               of a team's topics and consumers
  provisioner schema --out .schemas                       all three, as files for an editor""",
    "sandbox": """
  provisioner sandbox up                                  three brokers
  provisioner sandbox status --output json
  provisioner sandbox down""",
}

_CHOICE = re.compile(r"invalid choice: '([^']*)' \(choose from (.*)\)")
_OPTION = re.compile(r"--[a-z][a-z-]*")


class Parser(argparse.ArgumentParser):
    """Wrong usage is 64: 2 means that changes are pending."""

    _words: Sequence[str] = ()

    def parse_known_args(  # type: ignore[override]
        self, args: Any = None, namespace: Any = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """As argparse has it; the words are kept for `error`, the innermost parser for what it does not know."""
        self._words = list(sys.argv[1:] if args is None else args)
        found, unknown = super().parse_known_args(args, namespace)
        if unknown and "command" in self._defaults:
            self.error(self._unrecognized(unknown))
        return found, unknown

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and what may be meant."""
        strange = [word for word in self._words if word.startswith("--") and not self._knows(word)]
        if strange and message.startswith("the following arguments are required"):
            message = f"{self._unrecognized(strange)}; {message}"
        self.print_usage(sys.stderr)
        self.exit(64, f"{self.prog}: {message}{_choice(message)}\n  = {self.prog} --help shows examples\n")

    def _unrecognized(self, words: Iterable[str]) -> str:
        return "unrecognized arguments: " + ", ".join(f"{word}{self._near(word)}" for word in words)

    def _near(self, word: str) -> str:
        near = get_close_matches(word.partition("=")[0], self._options(), n=1, cutoff=0.7)
        return f" (did you mean {near[0]}?)" if near else ""

    def _knows(self, word: str) -> bool:
        return any(option.startswith(word.partition("=")[0]) for option in self._options())

    def _options(self) -> list[str]:
        return _OPTION.findall(self.format_usage())


def _choice(message: str) -> str:
    """The nearest of the words that argparse lists behind a wrong one."""
    match = _CHOICE.search(message)
    near = get_close_matches(match[1], re.findall(r"[\w-]+", match[2]), n=1) if match else []
    return f" (did you mean {near[0]!r}?)" if near else ""


def epilog(command: str) -> str:
    """What stands below the options of a command."""
    return f"examples:{EXAMPLES[command]}\n\n{EXIT_CODES}"

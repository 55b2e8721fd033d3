"""A GitLab that speaks its real API over real HTTP: one project, its merge requests, pipelines and issues.

`with FakeGitLab() as gitlab:` for tests in this process, `python -m tests.fake_gitlab --state DIR --port 0` for others.
"""

from tests.fake_gitlab.faults import Fault
from tests.fake_gitlab.project import Project
from tests.fake_gitlab.server import FakeGitLab

__all__ = ["FakeGitLab", "Fault", "Project"]

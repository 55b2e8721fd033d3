"""GitLab's API: notes, merge requests, pipelines with their artifacts, issues. Bounded in size and time."""

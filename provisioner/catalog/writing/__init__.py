"""Declarations as YAML, as a person would write them: what `import` adds to a folder."""

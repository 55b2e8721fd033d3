"""One verb a file, each a plain sequence that reads as its page in docs/commands."""

"""`make bench`, the part about the answer to a request for information: docs/answers.md."""

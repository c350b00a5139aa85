"""`make bench`: what the portal's way of doing things costs, beside plain Django and beside what others use for it.

docs/speed.md says what is measured and how to read it. Benchmarks are never tests: they only print.
"""

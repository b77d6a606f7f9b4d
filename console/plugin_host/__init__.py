"""Finds, admits, runs and watches plugins. Other rooms use `instances`, `runner`, `credentials` and
`services`.
"""

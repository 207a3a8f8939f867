"""The command line: a contract (names, JSON keys, exit codes) over the same services that the screens use.

Exit codes: 0 done, 1 done but something needs a person, 2 wrong use or refused. Errors are one readable line on standard error.
"""

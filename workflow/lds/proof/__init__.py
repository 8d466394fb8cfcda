"""The final proof: everything that a reader gets comes from the released tables.

Two ways that share no code. What is published is made again from the release alone and must be the
same byte for byte; and beside it each number is held against a released cell, a declared derivation
or a constant of the project, without the code that writes pages.
"""

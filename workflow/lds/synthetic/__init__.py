"""One synthetic England: people, jobs, businesses and what happens to them, and files of it.

`lds.synthetic.england` is the country; `lds.synthetic.sources` has one module per family of
sources, which looks at the country and writes what a publisher would; the rest writes files and the
account of what was planted (``truth``), which no analysis reads.
"""

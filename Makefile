# Three commands for a newcomer: `make demo` shows a running view, `make build` leaves .build/release/leat, `make test` runs every
# suite.

flags := -c release --explicit-target-dependency-import-check error
# Tests look inside of modules, so they are built with their own flags in a folder of their own.
test_flags := $(flags) --scratch-path .build/testing -Xswiftc -enable-testing

.PHONY: build demo test check long mutants bench install clean packages

packages:
	@scripts/install-packages

## The program, with Swift's runtime linked in.
build: packages
	swift build $(flags) --product leat --static-swift-stdlib

## Builds, runs queries/positions, and at a terminal leaves a shell open.
demo: packages
	scripts/demo

## Every suite.
test: packages
	@scripts/install-test-packages
	swift build $(test_flags) --build-tests
	swift test $(test_flags) --skip-build

## The fast part: the specification and the command line.
check: packages
	swift build $(test_flags) --build-tests
	swift test $(test_flags) --skip-build --filter 'SpecTests|CLITests'

## A long suite: make long SUITE=crash-log [COUNT=…] [SEED=…]; a line of docs/results/SUITE.md tells the result.
long: packages
	scripts/long "$(SUITE)" "$(COUNT)" "$(SEED)"

## Faults put into the source one at a time, each of which a suite must see; or one: make mutants MUTANT=unsynced-log.
mutants: packages
	scripts/mutants $(MUTANT)

## The benchmarks, or one: make bench BENCHMARK=StateBench.
bench: packages
	scripts/bench $(BENCHMARK)

prefix ?= /usr/local
install: build
	install -D -s .build/release/leat $(DESTDIR)$(prefix)/bin/leat

clean:
	rm -rf .build

# Two commands for a newcomer: `make build` leaves .build/release/leat, `make test` runs every suite.

flags := -c release --explicit-target-dependency-import-check error
# Tests look inside of modules, so they are built with their own flags in a folder of their own.
test_flags := $(flags) --scratch-path .build/testing -Xswiftc -enable-testing

.PHONY: build test check install clean packages

packages:
	@scripts/install-packages

## The program, with Swift's runtime linked in.
build: packages
	swift build $(flags) --product leat --static-swift-stdlib

## Every suite.
test: packages
	swift build $(test_flags) --build-tests
	swift test $(test_flags) --skip-build

## The fast part: the specification and the command line.
check: packages
	swift build $(test_flags) --build-tests
	swift test $(test_flags) --skip-build --filter 'SpecTests|CLITests'

prefix ?= /usr/local
install: build
	install -D -s .build/release/leat $(DESTDIR)$(prefix)/bin/leat

clean:
	rm -rf .build

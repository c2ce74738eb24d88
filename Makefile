# acip: terminal video streaming.  `make help` lists what can be asked for.

GO      ?= go
BIN     := bin
PREFIX  ?= $(if $(filter 0,$(shell id -u)),/usr/local,$(HOME)/.local)

# VP8 needs libvpx and a C compiler, a camera's JPEGs go quicker with libjpeg-turbo; without them the build goes on.
# Asked when a recipe runs, so that what `make deps` has just installed counts.
TAGS     = $(shell sh scripts/tags.sh)
GOFLAGS_ = -tags '$(TAGS)'
DURATION ?= 10m
FUZZTIME ?= 60s

.PHONY: help deps build install dist demo test test-arm64 test-camera bench report soak fuzz lint fmt cross clean

help: ## say what can be asked for
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

deps: ## install what is missing where that needs no question, else say how
	@sh scripts/deps.sh

build: deps ## bin/acip-server and bin/acip-client
	@mkdir -p $(BIN)
	$(GO) build $(GOFLAGS_) -o $(BIN)/acip-server ./cmd/server
	$(GO) build $(GOFLAGS_) -o $(BIN)/acip-client ./cmd/client

install: build ## programs, manual pages and completions into PREFIX (/usr/local or ~/.local)
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 0755 $(BIN)/acip-server $(BIN)/acip-client $(DESTDIR)$(PREFIX)/bin/
	@sh scripts/share.sh $(BIN) $(DESTDIR)$(PREFIX)/share

dist: deps ## an archive of the programs for GOOS/GOARCH, in build/dist; static on Linux
	@sh scripts/dist.sh

demo: build ## a server and two clients, here in this terminal
	@bash scripts/demo.sh

test: deps ## everything, with the race detector
	$(GO) vet $(GOFLAGS_) ./...
	$(GO) test -run NoAllocations $(GOFLAGS_) ./transport # the race detector allocates
	$(GO) test -race -timeout 15m $(GOFLAGS_) ./...

test-arm64: ## the vector passes of arm64 against plain Go, under qemu where this is another machine
	@sh scripts/test-arm64.sh

test-camera: build ## the real camera path, against a V4L2 driver in a virtual machine
	bash scripts/test-camera.sh

bench: deps ## every speed beside its yardstick
	$(GO) test -run '^$$' -bench . -benchmem $(GOFLAGS_) ./...
	@echo "the same in plain Go, as on a machine without AVX2:"
	GODEBUG=cpu.avx2=off $(GO) test -run '^$$' -bench 'Frame|Scale|Search' $(GOFLAGS_) ./frame ./render

report: build ## docs/performance.md and build/report.json, measured now
	$(GO) run $(GOFLAGS_) ./internal/bench report

soak: build ## DURATION=10m of steady clients, churn and faults, as long of real clients behind a bad network, what hostile members cost, and a minute of everything at once
	$(GO) run $(GOFLAGS_) ./internal/bench/soak -duration $(DURATION)
	$(GO) run $(GOFLAGS_) ./internal/bench/fairness -duration 30s -check
	$(GO) test -count 1 -run HonestPair $(GOFLAGS_) ./pool -rapid.checks=2000
	ACIP_TEST_FAULTS_FOR=$(DURATION) $(GO) test -count 1 -timeout 0 -run BadNetwork -v $(GOFLAGS_) ./cmd/client
	ACIP_TEST_STRESS_FOR=1m $(GO) test -race -count 1 -timeout 0 -run 'EverythingAtOnce|EndsThatMeet' -v $(GOFLAGS_) ./pool ./internal/server

fuzz: deps ## FUZZTIME=60s for each fuzz target
	sh scripts/fuzz.sh $(FUZZTIME) '$(TAGS)'

lint: ## formatting, vet, staticcheck, the house rules
	@sh scripts/lint.sh '$(TAGS)'

fmt: ## gofmt everything
	gofmt -w $$(git ls-files '*.go')

cross: ## compile for the other systems, without cgo
	@sh scripts/cross.sh

clean: ## remove what was built
	rm -rf $(BIN) build

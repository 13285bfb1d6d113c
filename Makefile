# The front door. Meson does the building; this file only strings the steps together.
#   make demo [VIDEO=path]   install what is missing, build, analyze     make check   the same, then all tests
#   make deps       Debian packages (may use sudo)  make                     build build/avalign; never touches the system
#   make bench      speed and memory ratios
#   make install    [PREFIX=/usr/local] [DESTDIR=]      make deb    Debian packages in dist/
#   make wheel      a wheel for pip in dist/            make wheel-check     it, in bare Debians (root, debootstrap)
#   make lint       clang-tidy and cppcheck             make mutants         what the unit tests do not notice
BUILD  ?= build
PREFIX ?= /usr/local
VIDEO  ?= samples/portrait.mp4
PKG_CONFIG_PATH := $(CURDIR)/third_party/openvino/pkgconfig:$(PKG_CONFIG_PATH)
export PKG_CONFIG_PATH

all: $(BUILD)/build.ninja
	@ninja -C $(BUILD) avalign

deps:
	@sh setup/deps.sh setup/packages.txt $(DEPS)

setup:
	@sh setup/install.sh

$(BUILD)/build.ninja: meson.build | setup
	@test -f $@ || meson setup $(BUILD) --prefix=$(PREFIX) --libdir=lib $(MESON_ARGS)

demo: deps
	@$(MAKE) --no-print-directory all
	@sh samples/demo.sh $(BUILD)/avalign "$(VIDEO)"

check: DEPS = setup/packages-test.txt
check: deps
	@test ! -f $(BUILD)/build.ninja || grep -q unit/test_util.c $(BUILD)/build.ninja || meson setup --reconfigure $(BUILD) >/dev/null # cmocka came later
	@$(MAKE) --no-print-directory all
	@sh tests/run.sh $(BUILD) $(TESTS)

# the share of changed operators and constants that the unit tests notice (an hour; MUTANTS="--count 50" for less)
mutants: all
	@python3 tests/mutants.py $(MUTANTS)

lint: all
	@sh tests/lint.sh $(BUILD)

# docs/dev.md: how well the scores tell the generated clips of the shared dev set from the real ones (some minutes)
accuracy: all
	@rm -rf $(BUILD)/dev && { echo "# Every generator of the dev set"; echo; \
	echo "Written by \`make accuracy\`: \`avalign eval\` on the development clips beside the project, policy \`seed\`. The calibrated ratio was fitted on"; \
	echo "these clips; its figures for people left out, and what all of this means: [accuracy.md](accuracy.md)."; echo; \
	$(BUILD)/avalign eval ../shared/data/video/dev/index.tsv --results $(BUILD)/dev --html $(BUILD)/dev.html; } >docs/dev.md

bench: all
	@bash bench/bench.sh $(BUILD)/avalign

install: all
	@meson configure $(BUILD) --prefix=$(PREFIX)
	@meson install -C $(BUILD)

deb: setup
	@sh setup/deb.sh dist

# dist/avalign-*.whl: tool, library, FFmpeg (LGPL, built here: minutes) and nets, for pip; AVALIGN_PERMISSIVE_ONLY=1: no research nets
wheel: DEPS = setup/packages-wheel.txt
wheel: deps
	@$(MAKE) --no-print-directory setup
	@sh setup/wheel.sh dist

# the wheel in bare Debians, without network; as root
wheel-check: all
	@sh setup/wheel_check.sh

clean:
	rm -rf build build-* dist

.PHONY: all deps setup demo check lint mutants bench install deb wheel wheel-check clean accuracy

# The front door. Meson does the building; this file only strings the steps together.
#   make            build build/avalign            make demo [VIDEO=path]   set up, build, analyze
#   make check      set up, build, run all tests   make bench               speed and memory ratios
#   make install    [PREFIX=/usr/local] [DESTDIR=]      make deb    Debian packages in dist/
#   make lint       clang-tidy and cppcheck
BUILD  ?= build
PREFIX ?= /usr/local
VIDEO  ?= samples/portrait.mp4
PKG_CONFIG_PATH := $(CURDIR)/third_party/openvino/pkgconfig:$(PKG_CONFIG_PATH)
export PKG_CONFIG_PATH

all: $(BUILD)/build.ninja
	@ninja -C $(BUILD) avalign

setup:
	@sh setup/install.sh

$(BUILD)/build.ninja: meson.build | setup
	@test -f $@ || meson setup $(BUILD) --prefix=$(PREFIX) --libdir=lib $(MESON_ARGS)

demo: all
	@sh samples/demo.sh $(BUILD)/avalign "$(VIDEO)"

check: all
	@sh tests/run.sh $(BUILD)

lint: all
	@sh tests/lint.sh $(BUILD)

bench: all
	@bash bench/bench.sh $(BUILD)/avalign

install: all
	@meson configure $(BUILD) --prefix=$(PREFIX)
	@meson install -C $(BUILD)

deb: all
	@sh setup/deb.sh dist

clean:
	rm -rf build build-* dist

.PHONY: all setup demo check lint bench install deb clean

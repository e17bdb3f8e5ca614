# crm_metrics: build, install and test with PGXS
#
#   make, make install, make installcheck    as for every extension, in this
#                       directory or out of it (make -f /path/to/Makefile in an
#                       empty directory); PG_CONFIG= names another server
#   make test           everything below test/, against a throw-away cluster
#   make demo           the guided tour on the sample data; demo-keep leaves
#                       the server up
#   make unit           only the unit tests of src/math
#   make matrix         make test on other server versions (scripts/matrix.sh)
#   make lint, indent, indent-check, bench
#
# Files are found by their place, so a new one needs no change here:
# src/*.c and src/*/*.c are the library, sql/install/*.sql the install script,
# test/sql/*.sql the regression tests, test/unit/*_test.c the unit tests.

EXTENSION = crm_metrics
MODULE_big = crm_metrics

# where this Makefile is; "." in the tree
TOP := $(patsubst %/,%,$(dir $(firstword $(MAKEFILE_LIST))))

# The version is written in the control file and nowhere else.
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" $(TOP)/crm_metrics.control)
ifeq ($(EXTVERSION),)
$(error no default_version in $(TOP)/crm_metrics.control)
endif

SOURCES := $(sort $(patsubst $(TOP)/%,%,$(wildcard $(TOP)/src/*.c $(TOP)/src/*/*.c)))
OBJS := $(SOURCES:.c=.o)
BITCODES := $(SOURCES:.c=.bc)
INSTALL_PARTS := $(sort $(wildcard $(TOP)/sql/install/*.sql))

DATA := $(sort $(patsubst $(TOP)/%,%,$(wildcard $(TOP)/sql/upgrade/*.sql)))
DATA_built := sql/crm_metrics--$(EXTVERSION).sql

# Floating point: a fused multiply-add where the machine has one would give
# other last digits there than elsewhere.
FP_FLAGS := -ffp-contract=off

PG_CPPFLAGS = -I$(TOP)
PG_CFLAGS = $(FP_FLAGS) -Wmissing-prototypes -Wstrict-prototypes \
	-Werror=implicit-function-declaration -MMD -MP
ifeq ($(WERROR),1)
PG_CFLAGS += -Werror
endif
SHLIB_LINK = -lm

UNIT_SOURCES := $(sort $(wildcard $(TOP)/test/unit/*_test.c))
UNIT_PROGRAMS := $(patsubst $(TOP)/test/unit/%.c,build/unit/%,$(UNIT_SOURCES))

# Expected outputs are in the top-level expected/: pg_regress looks for them
# below --outputdir (the current directory) before --inputdir, so --outputdir
# must not be set.
REGRESS := init $(filter-out init,$(sort $(patsubst $(TOP)/test/sql/%.sql,%,$(wildcard $(TOP)/test/sql/*.sql))))
REGRESS_OPTS = --inputdir=$(TOP)/test

# Out of the tree they are found through a link.
ifneq ($(abspath $(TOP)),$(CURDIR))
REGRESS_PREP := expected
endif

# test/isolation/specs/x.spec with test/isolation/expected/x.out
ISOLATION := $(sort $(patsubst $(TOP)/test/isolation/specs/%.spec,%,$(wildcard $(TOP)/test/isolation/specs/*.spec)))
ISOLATION_OPTS = --inputdir=$(TOP)/test/isolation

EXTRA_CLEAN = build sql/crm_metrics--$(EXTVERSION).sql \
	$(OBJS:.o=.d) $(BITCODES:.bc=.gcda) $(BITCODES:.bc=.gcno)

# Goals that run a script, which finds (or installs) the server and its PGXS by
# itself; all others need PGXS now.
SCRIPT_GOALS := test demo demo-keep report report-check bench deps matrix lint indent indent-check typedefs
ifneq ($(filter-out $(SCRIPT_GOALS),$(or $(MAKECMDGOALS),all)),)

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
ifeq ($(wildcard $(PGXS)),)
$(error $(PG_CONFIG) finds no PGXS: install the server development package of PostgreSQL, such as postgresql-server-dev-15)
endif
include $(PGXS)

# Look for sources in the source tree, never for what an earlier build in there
# has left: that would not be found again by the install rules.
override VPATH :=
vpath %.c $(TOP)
vpath %.control $(TOP)

override BITCODE_CFLAGS += $(FP_FLAGS)

src/crm_metrics.o src/crm_metrics.bc: override CPPFLAGS += -DCRM_METRICS_VERSION='"$(EXTVERSION)"'
src/crm_metrics.o: $(TOP)/crm_metrics.control

# A changed header rebuilds the object; the bitcode follows it.
$(BITCODES): %.bc: %.o
-include $(OBJS:.o=.d) $(UNIT_PROGRAMS:=.d)

BUILD_DIRS := $(sort $(dir $(OBJS) $(DATA_built) $(UNIT_PROGRAMS)))
$(OBJS) $(BITCODES) $(DATA_built) $(UNIT_PROGRAMS): | $(BUILD_DIRS)
$(BUILD_DIRS):
	$(MKDIR_P) $@

# The install script: the parts in order, each under its name.  The directory
# is newer than the script when a part was removed.
$(DATA_built): $(INSTALL_PARTS) $(TOP)/sql/install $(TOP)/crm_metrics.control $(TOP)/Makefile
	@echo "concatenating sql/install/*.sql into $@"
	@for f in $(INSTALL_PARTS); do \
		echo "-- part: sql/install/$${f##*/}" && cat "$$f" && echo || exit 1; \
	done > $@.tmp && mv $@.tmp $@

# Unit tests: one program for each test/unit/x_test.c, with the very objects
# that go into the library.
MATH_OBJS := $(filter src/math/%.o,$(OBJS))
$(UNIT_PROGRAMS): build/unit/%: $(TOP)/test/unit/%.c $(MATH_OBJS)
	$(CC) $(CFLAGS) $(CPPFLAGS) -o $@ $< $(MATH_OBJS) $(LDFLAGS) -lm

.PHONY: unit unit-programs
unit-programs: $(UNIT_PROGRAMS)
# (They read their tables below test/unit/data.)
unit: unit-programs
	@rc=0; cd $(TOP); for t in $(addprefix $(CURDIR)/,$(UNIT_PROGRAMS)); do \
		echo "== $${t##*/}"; $$t || { echo "$${t##*/}: FAILED"; rc=1; }; \
	done; exit $$rc

ifdef REGRESS_PREP
$(REGRESS_PREP):
	ln -s $(TOP)/expected $@
.PHONY: clean-expected
clean: clean-expected
clean-expected:
	@if [ -L expected ]; then rm -f expected; fi
endif

else

.PHONY: $(SCRIPT_GOALS)
SCRIPTS_DIR := $(abspath $(TOP))/scripts
test:
	@$(SCRIPTS_DIR)/test.sh
demo:
	@$(SCRIPTS_DIR)/demo.sh
demo-keep:
	@$(SCRIPTS_DIR)/demo.sh -k
report:
	@$(SCRIPTS_DIR)/report.sh
report-check:
	@$(SCRIPTS_DIR)/report.sh -c
bench:
	@$(SCRIPTS_DIR)/bench.sh $(BENCH)
deps:
	@$(SCRIPTS_DIR)/deps.sh build tap lint
matrix:
	@$(SCRIPTS_DIR)/matrix.sh
lint:
	@$(SCRIPTS_DIR)/lint.sh
indent:
	@$(SCRIPTS_DIR)/indent.sh
indent-check:
	@$(SCRIPTS_DIR)/indent.sh --check
typedefs:
	@$(SCRIPTS_DIR)/typedefs.sh

endif

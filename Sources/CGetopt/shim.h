#pragma once
#include <getopt.h>

// glibc's getopt_long keeps its state in globals, which Swift 6 refuses: accessors.

static inline void leat_getopt_reset(void) { optind = 0; opterr = 0; }
static inline int leat_getopt_next_index(void) { return optind; }
static inline int leat_getopt_character(void) { return optopt; }
static inline const char *leat_getopt_argument(void) { return optarg; }

#pragma once
#include <stddef.h>
#include <stdint.h>

/// Reports instead of the default action when the process traps, dies of a signal, or spends more than `seconds` on one execution:
/// the number and the input of the execution go to standard error, and the process ends with status 70.
/// Call it on the thread that runs the executions: signals are taken on a stack of their own, so that an overflow is told too.
void ct_begin(unsigned seconds);

/// The execution that begins now: its number and what it runs on, of which the first 64 KiB are kept.
void ct_note(uint64_t execution, const uint8_t *_Nullable input, size_t count);

/// The most memory that the process has had in pages, in KiB.
long ct_peak_kib(void);

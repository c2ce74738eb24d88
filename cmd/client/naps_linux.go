package main

// Go's runtime has a thread that naps for 20 µs at a time while anything runs, which in a call is always: a thousand
// switches a second, and a fifth of a client's processor time. Linux joins naps where a thread lets its timers be late, which
// must be said before the runtime starts that thread. A millisecond is nothing to a picture.

/*
#include <sys/prctl.h>

static void __attribute__((constructor)) acip_long_naps(void) { prctl(PR_SET_TIMERSLACK, 1000000UL, 0, 0, 0); }
*/
import "C"

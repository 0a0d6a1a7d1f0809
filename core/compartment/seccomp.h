/* seccomp.h - the system calls a sealed compartment may make.
 *
 * Three answers: allowed; refused with EPERM, for what libraries try and can do without; death by SIGSYS, for what
 * only an attacker tries (programs, processes, sockets, other processes' memory).
 */
#ifndef LECTERN_COMPARTMENT_SECCOMP_H
#define LECTERN_COMPARTMENT_SECCOMP_H

#include "base/err.h"

/* Install the filter for good; needs no_new_privs. 0 or -E_UNAVAILABLE. */
int seccomp_install(struct err *err);

#endif

/* version.h - the numbers that must agree. */
#ifndef LECTERN_BASE_VERSION_H
#define LECTERN_BASE_VERSION_H

#define LECTERN_VERSION "0.1.0"
enum {
    LECTERN_CONTRACT = 1, /* command line and JSON */
    LECTERN_API = 1,      /* Lua API level */
    LECTERN_PROTOCOL = 1, /* client, host, compartment */
};

#endif

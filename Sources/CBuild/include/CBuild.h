// What only the build knows. In C because a C target takes a define with a value, and another value compiles this one
// file anew and nothing else.
#pragma once

// The commit that the program was built from; empty where nobody said (SOURCE_COMMIT in Package.swift).
const char *build_commit(void);

// The driver needs no declarations of its own; the package manager wants a folder for them.

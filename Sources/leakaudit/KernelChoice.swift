import ArgumentParser

/// Whether a watch asks the kernel for help.
enum KernelChoice: String, ExpressibleByArgument, CaseIterable { case auto, off }

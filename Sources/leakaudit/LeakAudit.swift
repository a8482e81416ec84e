import ArgumentParser

@main
struct LeakAudit: ParsableCommand {
}

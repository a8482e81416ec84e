func shortID(_ id: String) -> String { String(id.prefix(12)) }

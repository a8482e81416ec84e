struct StepList: StepRecorder {
  private(set) var asked: [(step: Step, answer: Bool)] = []

  mutating func ask(_ step: Step, _ answer: Bool) -> Bool {
    asked.append((step, answer))
    return answer
  }

  mutating func restart() { asked.removeAll() }
}
